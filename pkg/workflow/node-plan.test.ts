import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterSplit, nodePlan, sourceSize } from "./node-plan.ts";
import { outputUrl } from "./output-url.ts";
import {
  aDistinct,
  aFileTable,
  aLookup,
  anIndex,
  anOutcome,
  aTableFile,
  aTableTable,
  constants,
} from "./test-support/build.ts";

const MB = 1024 * 1024;
const size = (rows: number, bytes = rows * 10, batches = 1) => ({ rows, bytes, batches });
const { reader, writer } = aFileTable("x");
const files = (count: number) =>
  aFileTable("A", {
    reader: { ...reader, urls: Array.from({ length: count }, (_, at) => `/in/${at}`) },
  });

test("a node with checks gets one unit for them, behind everything else", () => {
  const check = { kind: "rows", min: 1, severity: "warn", description: "" } as const;
  const plan = nodePlan(aFileTable("A", { checks: [check] }), { inputs: [10] }, constants);
  expect(plan.phases).toEqual([
    { name: "rows", units: 1 },
    { name: "check", units: 1 },
  ]);
});

describe("files", () => {
  test("small files are one batch each, without a split", () => {
    expect(nodePlan(files(2), { inputs: [10, 64 * MB] }, constants)).toEqual({
      phases: [{ name: "rows", units: 2 }],
      batches: 2,
      partitions: 8,
    });
  });

  test("one large file makes the node look for ranges in all of its files", () => {
    expect(nodePlan(files(2), { inputs: [10, 64 * MB + 1] }, constants).phases).toEqual([
      { name: "split", units: 2 },
      { name: "rows", units: 2 },
    ]);
  });

  test("after the split there is one rows unit a range, and people see a batch a file", () => {
    const plan = nodePlan(files(2), { inputs: [1, 100 * MB] }, constants);
    const split = afterSplit(plan, [anOutcome(0, { ranges: 1 }), anOutcome(0, { ranges: 3 })]);
    expect(split.phases.at(-1)).toEqual({ name: "rows", units: 4 });
    expect(split.batches).toBe(2);
  });

  test("the ranges of a single file are the batches people see", () => {
    const plan = nodePlan(files(1), { inputs: [100 * MB] }, constants);
    expect(afterSplit(plan, [anOutcome(0, { ranges: 3 })]).batches).toBe(3);
    expect(afterSplit(plan, [anOutcome(0)]).phases.at(-1)?.units).toBe(1);
  });

  test("inputs of unknown size are small", () => {
    expect(nodePlan(files(1), {}, constants).phases).toEqual([{ name: "rows", units: 1 }]);
  });
});

describe("batches of table readers", () => {
  const batches = (rows: number): number =>
    nodePlan(aTableTable("B", "A"), { reader: size(rows) }, constants).batches;

  test("one is chosen for every 50,000 rows, between 1 and 1000", () => {
    expect([0, 1, 50_000, 50_001, 1e9].map(batches)).toEqual([1, 1, 1, 2, 1000]);
  });

  test("a given number is kept", () => {
    const node = aTableTable("B", "A", { reader: { table: "t_A", rowsetSize: 1, batches: 7 } });
    expect(nodePlan(node, { reader: size(10) }, constants).batches).toBe(7);
  });

  test("a file gets one batch unless a number is given", () => {
    const plan = nodePlan(aTableFile("F", "A"), { reader: size(1e6) }, constants);
    expect(plan.phases).toEqual([{ name: "rows", units: 1 }]);
  });

  test("without facts the source counts as empty", () => {
    expect(nodePlan(aTableTable("B", "A"), {}, constants).batches).toBe(1);
  });
});

describe("lookups", () => {
  const join = aLookup("J", { left: "A", right: "B" });
  const plan = (bytes: number, partitions = 0) =>
    nodePlan(
      join,
      { reader: size(100_000), lookup: size(5, bytes, 3) },
      { ...constants, partitions },
    );

  test("a right side within the limit is broadcast", () => {
    expect(plan(32 * MB)).toMatchObject({
      lookup: "broadcast",
      phases: [{ name: "rows", units: 2 }],
    });
  });

  test("a larger one is shuffled and joined by partitions", () => {
    expect(plan(32 * MB + 1, 128)).toMatchObject({
      lookup: "partitioned",
      partitions: 128,
      phases: [
        { name: "shuffle", units: 5 },
        { name: "join", units: 64 },
        { name: "rows", units: 2 },
      ],
    });
  });

  test("without facts the right side counts as empty", () => {
    expect(nodePlan(join, {}, constants).lookup).toBe("broadcast");
  });
});

describe("finish", () => {
  test("distinct and unique indexes are resolved by at most 16 units", () => {
    const phases = (partitions: number) =>
      nodePlan(aDistinct("D", "A"), { reader: size(1) }, { ...constants, partitions }).phases;
    expect(phases(4).at(-1)).toEqual({ name: "finish", units: 4 });
    expect(phases(64).at(-1)).toEqual({ name: "finish", units: 16 });
    const unique = aFileTable("A", { writer: { ...writer, indexes: [anIndex("i", true)] } });
    expect(nodePlan(unique, {}, constants).phases.at(-1)?.name).toBe("finish");
  });

  test("an index that is not unique needs none", () => {
    const node = aFileTable("A", { writer: { ...writer, indexes: [anIndex("i")] } });
    expect(nodePlan(node, {}, constants).phases).toHaveLength(1);
  });
});

test("partitions are a power of two between 1 and 1024, about one for 16 MB, or as given", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), fc.nat({ max: 3000 }), (bytes, partitions) => {
      const facts = { reader: size(1, bytes) };
      const plan = nodePlan(aTableTable("B", "A"), facts, { ...constants, partitions });
      expect(Number.isInteger(Math.log2(plan.partitions))).toBe(true);
      expect(plan.partitions).toBeLessThanOrEqual(1024);
      const wanted = partitions > 0 ? partitions : bytes / (16 * MB);
      expect(plan.partitions).toBeGreaterThanOrEqual(Math.min(wanted, 1024));
      expect(plan.partitions / 2).toBeLessThan(Math.max(wanted, 1));
    }),
  );
});

test("the size of a source is that of its manifest", () => {
  const manifest = { rows: 5, bytes: 50, batches: [{}, {}] };
  expect(sourceSize(manifest as never)).toEqual({ rows: 5, bytes: 50, batches: 2 });
});

test("output names carry batch and run in five digits, with or without the type", () => {
  expect(outputUrl("/o/{run_id|string}_{batch_idx}_{run_id}.csv", 7, 12)).toBe(
    "/o/00007_00012_00007.csv",
  );
});
