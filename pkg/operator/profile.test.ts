import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnFrom, hashKeys } from "#pkg/rowset";
import type { FieldType, Value } from "#pkg/value";
import { DistinctEstimate } from "./distinct-estimate.ts";
import { FrequentValues } from "./frequent-values.ts";
import { ColumnProfiler, type ColumnProfile } from "./profile-column.ts";

const profile = (
  type: FieldType,
  blocks: readonly (readonly Value[])[],
  limit = 100,
): ColumnProfile => {
  const profiler = new ColumnProfiler({ name: "c", type }, limit);
  for (const values of blocks) profiler.add(columnFrom(type, values), values.length);
  return profiler.result(2);
};
const time = (ms: number): Value => ({ ns: BigInt(ms) * 1_000_000n, offset: 0, zone: "UTC" });

describe("the profile of a column", () => {
  test("of texts has empties, extremes by bytes and the most frequent values", () => {
    expect(
      profile("string", [
        ["b", "", "a"],
        ["b", "é"],
      ]),
    ).toEqual({
      name: "c",
      type: "string",
      rows: 5,
      empty: 1,
      distinct: 4,
      isDistinctExact: true,
      min: "",
      max: "é",
      top: [
        { value: "b", rows: 2 },
        { value: "", rows: 1 },
      ],
      topError: 0,
    });
  });

  test("of numbers tells them as they are, whatever a block holds them in", () => {
    const big = 2n ** 60n;
    expect(
      profile("int", [
        [1n, 2n, 1n],
        [big, 1n, -5n],
      ]),
    ).toMatchObject({
      empty: null,
      distinct: 4,
      min: "-5",
      max: String(big),
      top: [{ value: "1", rows: 3 }, { rows: 1 }],
    });
    expect(profile("decimal2", [[{ digits: 1234n, scale: 2 }]])).toMatchObject({ min: "12.34" });
    expect(profile("float", [[2.5, Number.NaN, -0, 0]])).toMatchObject({
      distinct: 3,
      min: "0",
      max: "2.5",
    });
    expect(profile("bool", [[true, false, true]])).toMatchObject({ min: "false", max: "true" });
  });

  test("of times counts those that were never set", () => {
    const found = profile("datetime", [[time(0), time(-62_135_596_800_000)]]);
    expect(found).toMatchObject({ empty: 1, distinct: 2 });
    expect(found.max).toContain("1970-01-01 00:00:00");
  });

  test("of no rows is empty", () => {
    const nothing = { rows: 0, distinct: 0, min: null, max: null, top: [] };
    expect(profile("string", [])).toMatchObject(nothing);
  });

  test("keeps long texts short and tells them apart by length", () => {
    const found = profile("string", [["x".repeat(300), "x".repeat(301)]]);
    expect(found.distinct).toBe(2);
    expect(found.min).toBe(`${"x".repeat(200)}… (300 characters)`);
  });

  test("of very many values is an estimate within a few percent, in bounded memory", () => {
    const blocks = Array.from({ length: 50 }, (_, block) =>
      Array.from({ length: 1000 }, (_, row) => BigInt(block * 1000 + row)),
    );
    const found = profile("int", [...blocks, Array.from({ length: 3000 }, () => 7n)]);
    expect(found.isDistinctExact).toBe(false);
    expect(Math.abs(found.distinct - 50_000)).toBeLessThan(2500);
    expect(found.top[0]?.value).toBe("7");
    const most = found.top[0]?.rows ?? 0;
    expect(most).toBeLessThanOrEqual(3001);
    expect(most + found.topError).toBeGreaterThanOrEqual(3001);
  });
});

test.each([1000, 2000, 5000, 10_000, 20_000, 50_000])(
  "the estimate of %d values that are all different is not above the number of rows",
  (rows) => {
    const values = Array.from({ length: rows }, (_, row) => `S${row}`);
    expect(profile("string", [values]).distinct).toBeLessThanOrEqual(rows);
  },
);

test("frequent values are exact until they are too many, then bounded from both sides", () => {
  const values = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 9 })),
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 40 }), (given, limit) => {
      const found = new FrequentValues(limit);
      const truth = new Map<number, number>();
      for (const [value, rows] of given) {
        found.add(value, rows);
        truth.set(value, (truth.get(value) ?? 0) + rows);
      }
      for (const { value, rows } of found.top(1000)) {
        const real = truth.get(Number(value)) ?? 0;
        expect(rows).toBeLessThanOrEqual(real);
        expect(rows + found.error).toBeGreaterThanOrEqual(real);
      }
      if (found.distinct !== undefined) expect(found.distinct).toBe(truth.size);
      expect(found.top(1000).length).toBeLessThanOrEqual(2 * limit);
    }),
  );
});

test("the estimate of distinct hashes is right for none, few and nearly all", () => {
  const few = new DistinctEstimate();
  expect(few.count()).toBe(0);
  few.add(Uint32Array.from([1, 2 ** 31, 77 * 2 ** 20, 1]));
  expect(few.count()).toBe(3);
  const many = new DistinctEstimate();
  const values = Float64Array.from({ length: 2 ** 20 }, (_, at) => at);
  const hashes = hashKeys([{ type: "int", values }], values.length);
  many.add(hashes);
  expect(Math.abs(many.count() / hashes.length - 1)).toBeLessThan(0.1);
});
