import { expect, test } from "vitest";
import { adoptedUnits, rebasedVerdict, type AdoptedUnits } from "./adoption.ts";
import { buildManifest } from "./manifest.ts";
import { plan } from "./plan.ts";
import {
  aFileTable,
  aNode,
  anOutcome,
  aRun,
  aScript,
  aTableTable,
  aUnit,
} from "./test-support/build.ts";

const nodePlan = {
  phases: [
    { name: "split", units: 1 },
    { name: "rows", units: 3 },
  ],
  batches: 3,
  partitions: 1,
} as const;
const units: AdoptedUnits = {
  kind: "units",
  run: 1,
  verdict: { evidence: [] },
  plan: nodePlan,
  phase: 1,
  execute: [1],
};

test("units of earlier phases are all taken over, of the open one those not executed, of later ones none", () => {
  const committed = [0, 1, 2].map((unit) => ({ unit }));
  expect(adoptedUnits(units, 0, committed)).toEqual(committed);
  expect(adoptedUnits(units, 1, committed)).toEqual([{ unit: 0 }, { unit: 2 }]);
  expect(adoptedUnits(units, 2, committed)).toEqual([]);
});

test("what the retried run read of itself is the same table in the retry", () => {
  const reader = { run: 3, node: "A", manifest: "m" };
  const lookup = { run: 2, node: "B", manifest: "n" };
  expect(rebasedVerdict({ reader, lookup, evidence: ["because"] }, 3, 5)).toEqual({
    reader: { ...reader, run: 5 },
    lookup,
    evidence: ["because", "chosen by run 3, which is retried"],
  });
});

test("a verdict without sources stays without", () => {
  const evidence = ["chosen by run 3, which is retried"];
  expect(rebasedVerdict({ evidence: [] }, 3, 5)).toEqual({ evidence });
});

test("a retry takes nodes over, goes on with others, and reads other runs' tables as before", () => {
  const script = aScript([
    aFileTable("A"),
    aTableTable("B", "A"),
    aFileTable("X"),
    aTableTable("C", "X"),
  ]);
  const affected = ["A", "B", "C"];
  const adopted = {
    kind: "node",
    run: 1,
    verdict: { evidence: [] },
    plan: nodePlan,
    manifest: "m",
  } as const;
  const state = {
    script,
    run: aRun(4, { affected }),
    nodes: affected.map((name) => aNode(4, name)),
    others: [2, 3].map((run) => ({
      run: aRun(run, { state: "complete", affected: ["X"] }),
      nodes: [aNode(run, "X", { state: "success" })],
    })),
    counts: new Map(),
    adoptions: { of: 1, nodes: { A: adopted, B: units, C: { kind: "sources", runs: { X: 2 } } } },
  } as const;
  expect(plan(state)).toMatchObject([
    { kind: "adopt", node: "A", adoption: adopted },
    { kind: "continue", node: "B", adoption: units },
    { kind: "open", node: "C", sources: [{ run: 2, node: "X" }] },
  ]);
  expect(plan({ ...state, adoptions: { of: 1, nodes: {} } })).toMatchObject([
    { kind: "open", node: "A" },
    { kind: "wait", node: "B" },
    { kind: "open", node: "C", sources: [{ run: 3, node: "X" }] },
  ]);
});

test("a manifest names the run under whose place the data of a batch or a selection lies", () => {
  const record = aNode(2, "A", {
    plan: {
      phases: [
        { name: "rows", units: 2 },
        { name: "finish", units: 1 },
      ],
      batches: 2,
      partitions: 1,
    },
  });
  const rows = [
    { unit: 0, record: aUnit("a", { outcome: anOutcome(3, { from: 1 }) }) },
    { unit: 1, record: aUnit("b", { outcome: anOutcome(3) }) },
  ];
  const finish = [{ unit: 0, record: aUnit("f", { outcome: anOutcome(0, { from: 1 }) }) }];
  const manifest = buildManifest(record, { rows, finish });
  expect(manifest.batches.map(({ token, from }) => [token, from])).toEqual([
    ["a", 1],
    ["b", undefined],
  ]);
  expect(manifest.batches[1]).not.toHaveProperty("from");
  expect(manifest.selections).toEqual([{ unit: 0, token: "f", from: 1 }]);
});
