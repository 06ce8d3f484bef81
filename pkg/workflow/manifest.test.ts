import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { FaultRecord } from "#pkg/fault";
import { buildManifest, executedUnit, rejectedPieces, tokensToKeep, unitsOf } from "./manifest.ts";
import type { NodeRecord } from "./records.ts";
import { aNode, anOutcome, aUnit } from "./test-support/build.ts";

const planned = (units: number, finish = 0): NodeRecord =>
  aNode(1, "A", {
    state: "running",
    plan: {
      phases: [
        { name: "rows", units },
        ...(finish > 0 ? [{ name: "finish" as const, units: finish }] : []),
      ],
      batches: units,
      partitions: 4,
    },
  });

const written = (token: string, rows: number) => aUnit(token, { outcome: anOutcome(rows) });
const output = (token: string) => ({ url: "/out/f.csv", token, size: 1, sha256: "x" });

test("batches are listed by number with their tokens and totals", () => {
  const rows = [
    { unit: 1, record: written("b", 5) },
    { unit: 0, record: written("a", 3) },
  ];
  expect(buildManifest(planned(2), { rows })).toEqual({
    incarnation: "inc",
    run: 1,
    node: "A",
    batches: [
      { batch: 0, token: "a", stored: 3, rows: 3, chunks: [3], bytes: 30, valueHash: "hash-3" },
      { batch: 1, token: "b", stored: 5, rows: 5, chunks: [5], bytes: 50, valueHash: "hash-5" },
    ],
    selections: [],
    rows: 8,
    bytes: 80,
    partitions: 4,
    outputs: [],
  });
});

test("rows dropped by all finish units are taken off their batch", () => {
  const rows = [{ unit: 0, record: written("a", 10) }];
  const dropping = (token: string, rows: number) =>
    aUnit(token, { outcome: anOutcome(0, { dropped: [{ batch: 0, rows }] }) });
  const finish = [
    { unit: 0, record: dropping("f", 2) },
    { unit: 1, record: dropping("g", 3) },
  ];
  const manifest = buildManifest(planned(1, 2), { rows, finish });
  expect(manifest.rows).toBe(5);
  expect(manifest.batches[0]).toMatchObject({ stored: 10, rows: 5 });
  expect(manifest.selections).toEqual([
    { unit: 0, token: "f" },
    { unit: 1, token: "g" },
  ]);
});

test("of a failed node only committed batches are listed", () => {
  const rows = [
    { unit: 0, record: written("a", 3) },
    { unit: 1, record: aUnit("b", { state: "fail" }) },
  ];
  expect(buildManifest(planned(2), { rows }).batches.map(({ token }) => token)).toEqual(["a"]);
});

test("while duplicates are unresolved no batch is listed", () => {
  const rows = [{ unit: 0, record: written("a", 3) }];
  expect(buildManifest(planned(1, 2), { rows }).batches).toEqual([]);
});

test("a node that never had a plan wrote nothing", () => {
  expect(buildManifest(aNode(1, "A"), {})).toMatchObject({ batches: [], rows: 0, partitions: 1 });
});

test("files are listed by batch, and a repeat for a lost one replaces it", () => {
  const file = (token: string) =>
    aUnit(token, { outcome: anOutcome(2, { chunks: [], output: output(token) }) });
  const node = { ...planned(2), lost: [{ unit: 0, token: "a" }] };
  const rows = ["a", "b", "c"].map((token, unit) => ({ unit, record: file(token) }));
  const manifest = buildManifest(node, { rows });
  expect(manifest.outputs.map(({ token }) => token)).toEqual(["c", "b"]);
  expect(manifest.batches.map(({ batch, token }) => [batch, token])).toEqual([
    [0, "c"],
    [1, "b"],
  ]);
});

test("a repeat is an additional unit that executes the share of the lost one", () => {
  const node = { ...planned(2), lost: [{ unit: 1, token: "x" }] };
  expect(unitsOf(node, "rows")).toBe(3);
  expect(unitsOf(node, "finish")).toBe(0);
  expect([0, 1, 2].map((unit) => executedUnit(node, "rows", unit))).toEqual([0, 1, 1]);
  expect(executedUnit(planned(1), "rows", 5)).toBe(5);
});

test("counts that do not add up are ACCOUNTING", () => {
  const wrong = aUnit("a", { outcome: anOutcome(3, { chunks: [2] }) });
  expect(() => buildManifest(planned(1), { rows: [{ unit: 0, record: wrong }] })).toThrow(
    "counted 3 rows, stored 2",
  );
  const finish = [
    {
      unit: 0,
      record: aUnit("f", { outcome: anOutcome(0, { dropped: [{ batch: 0, rows: 4 }] }) }),
    },
  ];
  const rows = [{ unit: 0, record: written("a", 3) }];
  expect(() => buildManifest(planned(1, 1), { rows, finish })).toThrow("dropped 4");
});

test("W10 the manifest does not depend on the order in which units are listed", () => {
  const units = fc.uniqueArray(
    fc.record({ unit: fc.nat({ max: 20 }), rows: fc.nat({ max: 100 }) }),
    { selector: ({ unit }) => unit },
  );
  fc.assert(
    fc.property(units, (units) => {
      const rows = units.map(({ unit, rows }) => ({ unit, record: written(`t${unit}`, rows) }));
      const manifest = buildManifest(planned(21), { rows });
      expect(buildManifest(planned(21), { rows: rows.toReversed() })).toEqual(manifest);
      expect(manifest.rows).toBe(units.reduce((sum, { rows }) => sum + rows, 0));
    }),
  );
});

test("rejected rows of a batch that had too many of them are kept with its failure", () => {
  const limit = (facts: object) =>
    ({ code: "REJECTED_LIMIT", message: "", hint: "", retryable: false, facts }) as FaultRecord;
  const rejecting = aUnit("r", { state: "fail", causes: [limit({ rejects: [3] })] });
  const rows = [
    { unit: 0, record: rejecting },
    { unit: 1, record: aUnit("none", { state: "fail", causes: [limit({})] }) },
    { unit: 2, record: aUnit("other", { state: "fail" }) },
    { unit: 3, record: aUnit("busy", { state: "running" }) },
    { unit: 4, record: aUnit("ok", { outcome: { ...anOutcome(1), rejects: [2, 1] } }) },
    { unit: 5, record: written("plain", 1) },
  ];
  expect(tokensToKeep({ state: "fail" }, undefined, { rows })).toEqual(
    new Set(["r", "ok", "plain"]),
  );
  expect(rows.map(({ record }) => rejectedPieces(record))).toEqual([[3], [], [], [], [2, 1], []]);
});

test("W11 a success keeps what its manifest names, anything else every committed attempt", () => {
  const units = {
    shuffle: [{ unit: 0, record: written("s", 1) }],
    rows: [
      { unit: 0, record: written("a", 1) },
      { unit: 1, record: aUnit("dead", { state: "running" }) },
    ],
    finish: [{ unit: 0, record: aUnit("f", { outcome: anOutcome(0) }) }],
  };
  const node = planned(1, 1);
  const manifest = buildManifest(node, units);
  expect(tokensToKeep({ state: "success" }, manifest, units)).toEqual(new Set(["a", "f"]));
  expect(tokensToKeep({ state: "fail" }, undefined, units)).toEqual(new Set(["s", "a", "f"]));
  expect(tokensToKeep({ state: "stopreceived" }, undefined, units)).toEqual(
    new Set(["s", "a", "dead", "f"]),
  );
});
