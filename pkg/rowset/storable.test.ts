import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareValues, FIELD_TYPES, type DateTime, type Decimal, type Value } from "#pkg/value";
import type { StringColumn } from "./column.ts";
import { storable } from "./storable.ts";
import { asDictionary, VALUES } from "./test-support/arbitrary-rowset.ts";
import { textAt, textsOf } from "./texts.ts";
import { columnFrom, valueAt, vectorFrom, vectorRows } from "./values.ts";
import { isExact } from "./vector.ts";

const stored = (type: "decimal2" | "datetime", value: Value): Value =>
  valueAt(storable(vectorFrom(type, [value])), 0);

describe("storage", () => {
  test.each([
    [1005n, 3, 101n],
    [-1005n, 3, -101n],
    [1004999n, 6, 100n],
    [-5n, 3, -1n],
    [-4n, 3, 0n],
    [7n, 0, 700n],
    [7n, 1, 70n],
    [9999999999999999n, 2, 9999999999999999n],
    [2n ** 63n - 1n, 2, 2n ** 63n - 1n],
    [-(2n ** 63n), 2, -(2n ** 63n)],
    [(2n ** 63n - 1n) * 10n + 4n, 3, 2n ** 63n - 1n],
  ])(
    "rounds %d with %d digits after the point half away from zero, exactly",
    (digits, scale, cents) => {
      expect(stored("decimal2", { digits, scale })).toEqual({ digits: cents, scale: 2 });
    },
  );

  test.each([2n ** 63n, -(2n ** 63n) - 1n])(
    "%d hundredths are out of range, with their row",
    (digits) => {
      const fits: Decimal = { digits: 1n, scale: 3 };
      const vector = vectorFrom("decimal2", [fits, { digits, scale: 2 }]);
      expect(() => storable(vector)).toThrow(
        expect.objectContaining({ code: "DECIMAL_RANGE", facts: { row: 1 } }),
      );
    },
  );

  test.each([
    [1_999_999n, 1],
    [-1n, -1],
    [-1_000_000n, -1],
    [-1_000_001n, -2],
  ])("cuts %d ns to %d ms and drops the zone", (ns, ms) => {
    expect(stored("datetime", { ns, offset: 3600, zone: "CET" })).toEqual({
      ns: BigInt(ms) * 1_000_000n,
      offset: 0,
      zone: "UTC",
    });
  });

  test("leaves table columns alone", () => {
    const column = columnFrom("int", [1n]);
    expect(storable(column)).toBe(column);
  });
});

describe("vectors", () => {
  test.each(FIELD_TYPES)("of %s give back the values they are made from", (type) => {
    fc.assert(
      fc.property(fc.array(VALUES[type]), (values) => {
        const vector = vectorFrom(type, values);
        expect(isExact(vector)).toBe(false);
        expect(vectorRows(vector)).toBe(values.length);
        values.forEach((value, row) =>
          expect(compareValues(type, valueAt(vector, row), value)).toBe(0),
        );
      }),
    );
  });

  const utc = { offset: 0, zone: "UTC" };

  test.each<readonly ["decimal2" | "datetime", Decimal | DateTime]>([
    ["decimal2", { digits: 1n, scale: 3 }],
    ["decimal2", { digits: 2n ** 63n, scale: 2 }],
    ["decimal2", { digits: 2n ** 62n, scale: 1 }],
    ["datetime", { ns: 1n, ...utc }],
    ["datetime", { ns: 0n, offset: 3600, zone: "CET" }],
    ["datetime", { ns: 0n, offset: 0, zone: "GMT" }],
  ])("of %s keep what storage would change: %o", (type, value) => {
    const vector = vectorFrom(type, [value, value]);
    expect(isExact(vector)).toBe(true);
    expect(vectorRows(vector)).toBe(2);
    expect(valueAt(vector, 1)).toBe(value);
  });
});

describe("texts", () => {
  const column = columnFrom("string", ["x", "äöü", "", "😀"]) as StringColumn;

  test("are decoded once for all slices of a dictionary", () => {
    const dictionary = asDictionary(column);
    const slice: StringColumn = { ...dictionary, codes: Int32Array.of(3) };
    expect(textAt(dictionary, 3)).toBe("😀");
    expect(textsOf(dictionary)).toBe(textsOf(slice));
    expect(textAt(slice, 0)).toBe("");
  });

  test("of other bytes with the same offsets are other texts", () => {
    const ascii = columnFrom("string", ["ab", "c"]) as StringColumn;
    expect(textsOf(ascii)).toEqual(["ab", "c"]);
    expect(textAt(ascii, 1)).toBe("c");
    expect(textsOf({ ...ascii, bytes: Uint8Array.from(Buffer.from("xyz")) })).toEqual(["xy", "z"]);
    expect(textAt({ ...ascii, bytes: Uint8Array.from(Buffer.from("xyz")) }, 1)).toBe("z");
  });

  test("wide ones are decoded one by one", () => {
    expect(textsOf(column)).toEqual(["x", "äöü", "", "😀"]);
    expect(textAt(column, 1)).toBe("äöü");
  });
});
