import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareValues,
  decimalToFloat,
  FIELD_TYPES,
  type DateTime,
  type Decimal,
  type FieldType,
  type Value,
  upperCase,
} from "#pkg/value";
import type { StringColumn } from "./column.ts";
import { orderComparator, sortPermutation } from "./order.ts";
import type { OrderPart } from "./order-keys.ts";
import { otherForm, VALUES } from "./test-support/arbitrary-rowset.ts";
import { foldedBytes } from "./test-support/folded-bytes.ts";
import { columnFrom, vectorFrom } from "./values.ts";
import type { Vector } from "./vector.ts";

// ---- the reference's key text (spec/script.md 5.3), built naively

const WIDTH = 66;
const FRACTION = 32;

const signed = (negative: boolean, digits: string, width: number): string => {
  const padded = digits.padStart(width, "0");
  return negative
    ? `-${padded.replaceAll(/\d/g, (digit) => String(9 - Number(digit)))}`
    : `0${padded}`;
};

const printed = (size: number): string =>
  size >= 1e21 ? `${BigInt(size)}.${"0".repeat(FRACTION)}` : size.toFixed(FRACTION);

const floatText = (value: number): string => signed(value < 0, printed(Math.abs(value)), WIDTH);

const intText = (value: bigint): string =>
  signed(value < 0n, String(value < 0n ? -value : value), 20);

/** Year 1 would be the reference's zero; an earlier one keeps negative numbers away from the padding. */
const datetimeText = ({ ns }: DateTime): string =>
  String((ns + 10n ** 21n) / 1000n).padStart(20, "0");

function stringBytes(text: string, part: OrderPart): Buffer {
  const cut = foldedBytes(text, part.length ?? 64);
  return part.ignoreCase ? Buffer.from(upperCase(cut.toString())) : cut;
}

function keyText(type: FieldType, value: Value, part: OrderPart): Buffer {
  switch (type) {
    case "int":
      return Buffer.from(intText(value as bigint));
    case "float":
      return Buffer.from(floatText(value as number));
    case "decimal2":
      return Buffer.from(floatText(decimalToFloat(value as Decimal)));
    case "datetime":
      return Buffer.from(datetimeText(value as DateTime));
    case "bool":
      return Buffer.from(value === true ? "T" : "F");
    case "string":
      return stringBytes(value as string, part);
    default:
      return type satisfies never;
  }
}

interface Component {
  readonly type: FieldType;
  readonly part: OrderPart;
  readonly values: readonly Value[];
}

function naiveOrder(components: readonly Component[], i: number, j: number): number {
  for (const { type, part, values } of components) {
    const [a, b] = [
      keyText(type, values[i] as Value, part),
      keyText(type, values[j] as Value, part),
    ];
    const order = part.descending ? Buffer.compare(b, a) : Buffer.compare(a, b);
    if (order !== 0) return order;
  }
  for (const { type, part, values } of components) {
    const order = compareValues(type, values[i] as Value, values[j] as Value);
    if (order !== 0) return part.descending ? -order : order;
  }
  return 0;
}

// ---- components with values that often tie

const ROWS = 8;

const PRINTABLE: Readonly<Record<FieldType, (value: Value) => boolean>> = {
  int: () => true,
  float: (value) => Math.abs(value as number) < 1e33,
  decimal2: () => true,
  datetime: () => true,
  bool: () => true,
  string: () => true,
};

const partArbitrary: fc.Arbitrary<OrderPart> = fc.record(
  { descending: fc.boolean(), ignoreCase: fc.boolean(), length: fc.integer({ min: 1, max: 20 }) },
  { requiredKeys: ["descending", "ignoreCase"] },
);

const componentOf = (type: FieldType, value: fc.Arbitrary<Value>): fc.Arbitrary<Component> =>
  fc
    .tuple(partArbitrary, fc.array(value.filter(PRINTABLE[type]), { minLength: 3, maxLength: 5 }))
    .chain(([part, pool]) =>
      fc
        .array(fc.constantFrom(...pool), { minLength: ROWS, maxLength: ROWS })
        .map((values) => ({ type, part, values })),
    );

const componentsArbitrary = fc.array(
  fc.constantFrom<FieldType>(...FIELD_TYPES).chain((type) => componentOf(type, VALUES[type])),
  { maxLength: 3 },
);

const exactDecimal = fc
  .tuple(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.integer({ min: 0, max: 30 }))
  .map(([digits, scale]) => ({ digits, scale }));
const exactDatetime = fc
  .bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
  .map((ns) => ({ ns, offset: 3600, zone: "" }));

const exactArbitrary = fc.array(
  fc.oneof(componentOf("decimal2", exactDecimal), componentOf("datetime", exactDatetime)),
  { minLength: 1, maxLength: 2 },
);

function expectOrder(components: readonly Component[], vectors: readonly Vector[]): void {
  const parts = components.map(({ part }) => part);
  const compare = orderComparator(vectors, parts);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < ROWS; j++) {
      expect([i, j, Math.sign(compare(i, j))]).toEqual([
        i,
        j,
        Math.sign(naiveOrder(components, i, j)) + 0,
      ]);
    }
  }
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const expected = rows.toSorted((i, j) => naiveOrder(components, i, j));
  expect([...sortPermutation(vectors, parts, ROWS)]).toEqual(expected);
}

describe("order", () => {
  test("is the one of the reference's key texts, then of exact values, in any form", () => {
    fc.assert(
      fc.property(componentsArbitrary, (components) => {
        const columns = components.map(({ type, values }) => columnFrom(type, values));
        expectOrder(components, columns);
        expectOrder(components, columns.map(otherForm));
      }),
      { numRuns: 500 },
    );
  });

  test("of exact forms is that of their values", () => {
    fc.assert(
      fc.property(exactArbitrary, (components) => {
        expectOrder(
          components,
          components.map(({ type, values }) => vectorFrom(type, values)),
        );
      }),
    );
  });

  test("P2: large decimals order the same, whatever else is in their column", () => {
    const cents = (digits: bigint): Decimal => ({ digits, scale: 2 });
    // Doubles tell the first from the second only when they are rounded twice.
    const large = [45035996273704961n, 45035996273704965n].map(cents);
    const second = columnFrom("int", [2n, 1n]);
    expect([...sortPermutation([columnFrom("decimal2", large), second], [up, up], 2)]).toEqual([
      1, 0,
    ]);
    const beyond = vectorFrom("decimal2", [...large, cents(2n ** 64n)]);
    const three = columnFrom("int", [2n, 1n, 0n]);
    expect([...sortPermutation([beyond, three], [up, up], 3)]).toEqual([1, 0, 2]);
  });

  const up: OrderPart = { descending: false, ignoreCase: false };
  const down: OrderPart = { descending: true, ignoreCase: false };

  const sorted = <T extends Value>(type: FieldType, values: readonly T[], part: OrderPart): T[] =>
    Array.from(
      sortPermutation([columnFrom(type, values)], [part], values.length),
      (row) => values[row] as T,
    );

  test("puts accents aside first, exact texts decide", () => {
    const names = ["Malmö", "Malmz", "Malmo", "Malma"];
    expect(sorted("string", names, up)).toEqual(["Malma", "Malmo", "Malmö", "Malmz"]);
    expect(sorted("string", names, down)).toEqual(["Malmz", "Malmö", "Malmo", "Malma"]);
  });

  test("compares all folded components before any exact one", () => {
    const names = columnFrom("string", ["Malmö", "Malmo", "Malmo"]);
    const counts = columnFrom("int", [1n, 2n, 0n]);
    expect([...sortPermutation([names, counts], [up, up], 3)]).toEqual([2, 0, 1]);
  });

  test("puts NaN after all numbers, and takes the two zeros as one", () => {
    const values = [Number.NaN, Infinity, -Infinity, 0, 1e300];
    expect(sorted("float", values, up)).toEqual([-Infinity, 0, 1e300, Infinity, Number.NaN]);
    expect(sorted("float", values, down)).toEqual([Number.NaN, Infinity, 1e300, 0, -Infinity]);
    expect([...sortPermutation([columnFrom("float", [0, -0, 0])], [up], 3)]).toEqual([0, 1, 2]);
  });

  test("puts several NaN in one place, beside numbers too small for key texts", () => {
    const values = [Number.NaN, 2e-40, Number.NaN, 1e-40, Infinity];
    expect([...sortPermutation([columnFrom("float", values)], [up], 5)]).toEqual([3, 1, 4, 0, 2]);
  });

  test("does not see blanks at the end until all components are equal", () => {
    const names = columnFrom("string", ["ab  ", "ab", "ab !", "ab ", "a"]);
    const counts = columnFrom("int", [1n, 2n, 0n, 1n, 9n]);
    expect([...sortPermutation([names], [up], 5)]).toEqual([4, 1, 3, 0, 2]);
    expect([...sortPermutation([names, counts], [up, up], 5)]).toEqual([4, 3, 0, 1, 2]);
  });

  test("counts only the given number of characters, in capitals when case is ignored", () => {
    const names = columnFrom("string", ["abz", "ABa", "aay"]);
    const counts = columnFrom("int", [1n, 0n, 0n]);
    const part: OrderPart = { descending: false, ignoreCase: true, length: 2 };
    expect([...sortPermutation([names, counts], [part, up], 3)]).toEqual([2, 1, 0]);
    expect([...sortPermutation([names, counts], [{ ...part, length: 3 }, up], 3)]).toEqual([
      2, 1, 0,
    ]);
    expect([...sortPermutation([names, counts], [{ ...part, ignoreCase: false }, up], 3)]).toEqual([
      1, 2, 0,
    ]);
  });

  test("of a sparse dictionary looks at used entries only", () => {
    const wide = columnFrom("string", ["b", "a", "c", "d", "e"]) as StringColumn;
    expect([...sortPermutation([{ ...wide, codes: Int32Array.of(2, 0, 1) }], [up], 3)]).toEqual([
      2, 1, 0,
    ]);
  });

  test("of no rows is empty", () => {
    expect(sorted("string", [], up)).toEqual([]);
    expect(sorted("float", [], up)).toEqual([]);
  });

  test("without components leaves rows as they are", () => {
    expect([...sortPermutation([], [], 3)]).toEqual([0, 1, 2]);
    expect(orderComparator([], [])(0, 1)).toBe(0);
  });

  test("of many rows is that of a comparison sort", () => {
    const rows = 5000;
    const values = Float64Array.from(
      { length: rows },
      (_, row) => Math.sin(row) * 10 ** (row % 30),
    );
    const expected = Array.from({ length: rows }, (_, row) => row).toSorted(
      (i, j) => (values[i] as number) - (values[j] as number) || i - j,
    );
    expect([...sortPermutation([{ type: "float", values }], [up], rows)]).toEqual(expected);
  });
});
