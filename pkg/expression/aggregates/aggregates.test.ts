import { compileExpression } from "#pkg/expression";
import { valueAt, vectorFrom, type Vector } from "#pkg/rowset";
import { decimalToText, type Decimal, type FieldType, type Value } from "#pkg/value";
import { describe, expect, test } from "vitest";
import type { Accumulators, CompiledExpression } from "../types.ts";
import { faultThrown } from "../../../test/support/fault-of.ts";

const FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["i", "int"],
  ["f", "float"],
  ["d", "decimal2"],
  ["s", "string"],
  ["b", "bool"],
]);

function compile(text: string): CompiledExpression {
  return compileExpression(text, { place: "group", typeOf: (_, name) => FIELDS.get(name) });
}

function start(text: string, groups: number): Accumulators {
  return (compile(text).aggregate as NonNullable<CompiledExpression["aggregate"]>).accumulators(
    groups,
  );
}

const cents = (digits: number | bigint): Decimal => ({ digits: BigInt(digits), scale: 2 });
const shown = (value: Value): Value =>
  typeof value === "object" && "digits" in value ? decimalToText(value) : value;

function list(vector: Vector, groups: number): readonly Value[] {
  return Array.from({ length: groups }, (_, group) => shown(valueAt(vector, group)));
}

/** One group, all rows at once. */
function total(text: string, columns: readonly (readonly Value[])[], absent: Value = 0n): Value {
  const { inputTypes } = compile(text);
  const rows = columns[0]?.length ?? 0;
  const accumulators = start(text, 1);
  const vectors = columns.map((values, at) => vectorFrom(inputTypes[at] as FieldType, values));
  accumulators.add(new Int32Array(rows), vectors, rows);
  return shown(valueAt(accumulators.results(absent), 0));
}

const MAX = 2n ** 63n - 1n;

describe("values beyond safe integers", () => {
  test("sums of ints wrap at 64 bits, averages do not", () => {
    expect(total("sum(l.i)", [[MAX, 1n]])).toBe(-(2n ** 63n));
    expect(total("sum(l.i)", [[2n ** 53n - 1n, 2n ** 53n - 1n]])).toBe(2n ** 54n - 2n);
    expect(total("avg(l.i)", [[MAX, MAX]])).toBe(MAX);
    expect(total("avg(l.i)", [[-(2n ** 63n), -(2n ** 63n) + 1n]])).toBe(-(2n ** 63n));
    expect(total("avg(l.i)", [[2n ** 60n, 2n ** 60n + 2n]])).toBe(2n ** 60n + 1n);
  });

  test("sums and averages of decimals stay exact", () => {
    expect(total("sum(l.d)", [[cents(2n ** 53n - 1n), cents(1), cents(1)]])).toBe(
      "90071992547409.93",
    );
    expect(total("sum(l.d)", [[{ digits: 1005n, scale: 3 }, cents(1)]])).toBe("1.015");
    expect(
      total("avg(l.d)", [
        [
          { digits: 1005n, scale: 3 },
          { digits: 1005n, scale: 3 },
        ],
      ]),
    ).toBe("1.01");
    expect(total("avg(l.d)", [[cents(-1), cents(-2)]])).toBe("-0.02");
    expect(total("avg(l.d)", [[cents(1), cents(1), cents(2)]])).toBe("0.01");
  });

  test("the least and the greatest are found among values of any size", () => {
    expect(total("min(l.i)", [[5n, MAX, -(2n ** 63n)]])).toBe(-(2n ** 63n));
    expect(total("max(l.i)", [[5n, MAX, -(2n ** 63n), MAX]])).toBe(MAX);
    const huge = { digits: 10n ** 40n, scale: 0 };
    expect(total("min(l.d)", [[huge]])).toBe("340282350000000000000000000000000000000");
    expect(total("max(l.d)", [[cents(5), { digits: 10n ** 20n, scale: 0 }]])).toBe(
      "100000000000000000000",
    );
  });

  test("a first batch of small values and a second of large ones agree, with groups added between", () => {
    for (const [text, small, large, wanted] of [
      ["sum(l.i)", [1n, 2n], [MAX, 2n], [-(2n ** 63n), 4n, 0n]],
      ["min(l.i)", [1n, 2n], [MAX, -MAX], [1n, -MAX, 0n]],
      ["avg(l.i)", [1n, 2n], [MAX, 2n], [2n ** 62n, 2n, 0n]],
    ] as const) {
      const accumulators = start(text, 2);
      accumulators.add(Int32Array.of(0, 1), [vectorFrom("int", small)], 2);
      accumulators.add(Int32Array.of(0, 1), [vectorFrom("int", large)], 2);
      accumulators.grow(3);
      expect(list(accumulators.results(0n), 3)).toEqual(wanted);
    }
    for (const [text, wanted] of [
      ["sum(l.d)", ["0.015", "0.02", "0"]],
      ["max(l.d)", ["0.01", "0.02", "0"]],
    ] as const) {
      const accumulators = start(text, 2);
      accumulators.add(Int32Array.of(0, 1), [vectorFrom("decimal2", [cents(1), cents(2)])], 2);
      accumulators.add(Int32Array.of(0), [vectorFrom("decimal2", [{ digits: 5n, scale: 3 }])], 1);
      accumulators.grow(3);
      expect(list(accumulators.results(cents(0)), 3)).toEqual(wanted);
    }
  });
});

describe("groups without rows", () => {
  test.each([
    ["count()", -1n],
    ["sum(l.i)", -1n],
    ["avg(l.f)", -1.5],
    ["min(l.d)", cents(-150)],
    ["max(l.s)", "none"],
    ["string_agg(l.s, `;`)", "none"],
  ] as const)("%s: a group that was never fed has the absent value", (text, absent) => {
    const accumulators = start(text, 0);
    accumulators.add(new Int32Array(0), [], 0);
    accumulators.grow(2);
    expect(list(accumulators.results(absent), 2)).toEqual([shown(absent), shown(absent)]);
  });

  test("without a qualifying row extremes of numbers are absent, all others start from zero (Q12)", () => {
    const none = [false, false];
    expect(total("min_if(l.i, l.b)", [[1n, 2n], none], -1n)).toBe(-1n);
    expect(total("max_if(l.f, l.b)", [[1, 2], none], -1)).toBe(-1);
    expect(total("min_if(l.s, l.b)", [["a", "b"], none], "absent")).toBe("");
    expect(total("sum_if(l.i, l.b)", [[1n, 2n], none], -1n)).toBe(0n);
    expect(total("avg_if(l.d, l.b)", [[cents(1), cents(2)], none], cents(-1))).toBe("0");
    expect(total("avg_if(l.f, l.b)", [[1, 2], none], -1)).toBe(0);
    expect(total("count_if(l.b)", [none], -1n)).toBe(0n);
    expect(total("string_agg_if(l.s, `;`, l.b)", [["a", "b"], none], "absent")).toBe("");
  });
});

describe("quirks of the reference", () => {
  test("the least text forgets empty ones (Q10)", () => {
    expect(total("min(l.s)", [["", "a"]])).toBe("a");
    expect(total("min(l.s)", [["a", ""]])).toBe("");
    expect(total("min(l.s)", [["a", "", "b"]])).toBe("b");
  });

  test("the greatest float is never below the single-precision limit (Q11)", () => {
    expect(total("max(l.f)", [[-1e300]])).toBe(-3.4028234663852886e38);
    expect(total("min(l.f)", [[Infinity, NaN]])).toBe(Number.MAX_VALUE);
  });

  test("a raw separator keeps its backticks, which are cut from no string (Q16)", () => {
    expect(total("string_agg(l.s, `,`)", [["a", "b"]])).toBe("a`,`b");
    expect(total('string_agg(l.s, ",")', [["", "b", "", "c"]])).toBe("b,,c");
  });
});

describe("failures", () => {
  test("the value is evaluated on rows that do not count; the lowest failing row is named", () => {
    const add = (text: string, columns: readonly (readonly Value[])[]) => () =>
      total(text, columns);
    const numbers = [1n, 0n, 1n];
    const fault = faultThrown(add("sum_if(1 / l.i, l.b)", [numbers, [true, false, true]]));
    expect(fault.facts).toEqual({ code: "E-div0", offset: 9, row: 1 });
    const both = "sum_if(1 / l.i, int(l.s) == 1)";
    expect(faultThrown(add(both, [numbers, ["x", "1", "1"]])).facts).toMatchObject({
      row: 0,
      code: "E-convert",
    });
    expect(faultThrown(add(both, [numbers, ["1", "1", "x"]])).facts).toMatchObject({
      row: 1,
      code: "E-div0",
    });
    expect(
      faultThrown(
        add(both, [
          [1n, 1n, 1n],
          ["1", "1", "x"],
        ]),
      ).facts,
    ).toMatchObject({ row: 2 });
  });

  test.each([
    ["sum(l.s)", "E-type", "sum(…) of string, it must be int, float, decimal2"],
    ["min(l.b)", "E-type", "min(…) of bool, it must be int, float, decimal2, string"],
    ["string_agg(l.i, `;`)", "E-type", "string_agg(…) of int, it must be string"],
    ["sum_if(l.i, l.i)", "E-type", "the condition of sum_if is int, it must be bool"],
    ["sum(l.i, 1)", "E-args", "sum needs 1 argument, not 2"],
    ["string_agg(l.s)", "E-args", "string_agg needs 2 arguments, not 1"],
    ["string_agg(l.s, l.s)", "E-agg", "the separator of string_agg must be a string literal"],
  ])("%s is refused as %s", (text, code, message) => {
    const fault = faultThrown(() => compile(text));
    expect(fault.facts["code"]).toBe(code);
    expect(fault.message).toBe(message);
  });
});
