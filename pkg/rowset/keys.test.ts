import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIELD_TYPES, type FieldType, type Value } from "#pkg/value";
import type { Column, StringColumn } from "./column.ts";
import { hashKeys } from "./hash-keys.ts";
import { keyColumns, type KeyPart } from "./key-columns.ts";
import { keyMatcher, keysEqual } from "./keys-equal.ts";
import { asDictionary, otherForm, VALUES } from "./test-support/arbitrary-rowset.ts";
import { columnFrom, valueAt } from "./values.ts";

const identity = (value: Value): string => {
  if (typeof value === "number") return Object.is(value, -0) ? "0" : String(value);
  if (typeof value !== "object") return `${typeof value} ${String(value)}`;
  return "ns" in value ? String(value.ns) : String(value.digits);
};

/** Two keys of the same types and rows of them, values often equal. */
const keysArbitrary = fc
  .array(fc.constantFrom<FieldType>(...FIELD_TYPES), { maxLength: 3 })
  .chain((types) => {
    const column = (type: FieldType): fc.Arbitrary<Value[]> =>
      fc
        .array(VALUES[type], { minLength: 2, maxLength: 2 })
        .chain((pool) => fc.array(fc.constantFrom(...pool), { minLength: 6, maxLength: 6 }));
    return fc.tuple(fc.constant(types), fc.tuple(...types.map(column)));
  });

const ROWS = 6;

describe("keys", () => {
  test("are equal exactly when all values are, and equal keys hash equal, in any form", () => {
    fc.assert(
      fc.property(keysArbitrary, ([types, values]) => {
        const a = types.map((type, index) => columnFrom(type, values[index] as Value[]));
        const b = a.map(otherForm);
        const [hashesA, hashesB] = [hashKeys(a, ROWS), hashKeys(b, ROWS)];
        expect(hashesB).toEqual(hashesA);
        for (let i = 0; i < ROWS; i++) {
          for (let j = 0; j < ROWS; j++) {
            const equal = values.every(
              (column) => identity(column[i] as Value) === identity(column[j] as Value),
            );
            expect(keysEqual(a, i, a, j)).toBe(equal);
            expect(keysEqual(a, i, b, j)).toBe(equal);
            expect(keysEqual(b, i, a, j)).toBe(equal);
            if (equal) expect(hashesA[i]).toBe(hashesA[j]);
          }
        }
      }),
    );
  });

  test("of many rows hash without a flaw in high and low bits", () => {
    const rows = 100_000;
    const hashes = hashKeys(
      [{ type: "int", values: Float64Array.from({ length: rows }, (_, row) => row) }],
      rows,
    );
    const buckets = (bucketOf: (hash: number) => number): number => {
      const counts = new Int32Array(256);
      for (const hash of hashes) {
        const bucket = bucketOf(hash);
        counts[bucket] = (counts[bucket] as number) + 1;
      }
      return Math.max(...counts);
    };
    expect(new Set(hashes).size).toBeGreaterThan(rows - 10);
    expect(buckets((hash) => hash >>> 24)).toBeLessThan(500);
    expect(buckets((hash) => hash & 255)).toBeLessThan(500);
  });

  test("hashes are fixed for ever", () => {
    const columns = [
      columnFrom("int", [0n, -1n, 2n ** 62n]),
      columnFrom("float", [0, 1.5, Number.NaN]),
      columnFrom("string", ["", "abc", "größer als vier"]),
      columnFrom("bool", [false, true, false]),
    ];
    expect([...hashKeys(columns, 3)]).toMatchInlineSnapshot(`
      [
        3656380101,
        2581476702,
        3816709422,
      ]
    `);
  });

  test("differ in a single byte, bit or length", () => {
    const texts = [columnFrom("string", ["ab", "ac", "abc", "b"])];
    const floats = [columnFrom("float", [Number.NaN, 1, 0, -1])];
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        expect(keysEqual(texts, i, texts, j)).toBe(i === j);
        expect(keysEqual(floats, i, floats, j)).toBe(i === j);
        expect(keysEqual(texts, i, [columnFrom("string", ["ab", "ac", "abc", "b"])], j)).toBe(
          i === j,
        );
      }
    }
  });

  test("without components are all equal", () => {
    expect(keyMatcher([], [])(0, 1)).toBe(true);
  });

  test("of a sparse dictionary hash like plain ones", () => {
    const wide = columnFrom("string", ["a", "b", "c", "d", "e"]) as StringColumn;
    const sparse: Column = { ...wide, codes: Int32Array.of(4, 0) };
    expect(hashKeys([sparse], 2)).toEqual(hashKeys([columnFrom("string", ["e", "a"])], 2));
  });
});

describe("key modifiers", () => {
  const apply = (texts: string[], part: Partial<KeyPart>): Value[] => {
    const column = columnFrom("string", texts) as StringColumn;
    const parts = [{ field: "f", type: "string", ignoreCase: false, ...part } as const];
    const forms = [column, asDictionary(column)].map((form) => {
      const [key] = keyColumns(
        { rows: texts.length, columns: new Map([["f", form]]) },
        parts,
      ) as readonly [Column];
      return texts.map((_, row) => valueAt(key, row));
    });
    expect(forms[0]).toEqual(forms[1]);
    return forms[0] as Value[];
  };

  test("ignore_case is simple upper case: one character stays one", () => {
    expect(
      apply(["straße", "ﬁn", "ᾳᾀᾼ", "ŉ", "ǆ", "ı", "ÿ", "😀a", "ΐ"], { ignoreCase: true }),
    ).toEqual(["STRAßE", "ﬁN", "ᾼᾈᾼ", "ŉ", "Ǆ", "I", "Ÿ", "😀A", "ΐ"]);
  });

  test("length counts characters, not bytes or UTF-16 units", () => {
    expect(apply(["abcdef", "äöüß", "😀😀😀", "ab", ""], { length: 2 })).toEqual([
      "ab",
      "äö",
      "😀😀",
      "ab",
      "",
    ]);
  });

  test("both apply together", () => {
    expect(apply(["größer", "GRÖSSER"], { length: 4, ignoreCase: true })).toEqual(["GRÖß", "GRÖS"]);
  });

  test("none leaves the column alone", () => {
    const column = columnFrom("string", ["a"]);
    const rowset = { rows: 1, columns: new Map([["f", column]]) };
    expect(keyColumns(rowset, [{ field: "f", type: "string", ignoreCase: false }])[0]).toBe(column);
  });

  test("only used entries of a large dictionary are changed", () => {
    const wide = columnFrom("string", ["a", "b", "c", "d"]) as StringColumn;
    const sparse: Column = { ...wide, codes: Int32Array.of(3) };
    const part: KeyPart = { field: "f", type: "string", ignoreCase: true };
    const [key] = keyColumns({ rows: 1, columns: new Map([["f", sparse]]) }, [part]) as [
      StringColumn,
    ];
    expect(key.offsets).toHaveLength(2);
    expect(valueAt(key, 0)).toBe("D");
  });
});
