import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ControlStore } from "#pkg/store";
import type { BatchHistoryRow, NodePlan, NodeRecord, RunRecord } from "#pkg/workflow";
import { openInstallation, type Installation } from "../control/test-support/installation.ts";
import {
  aFileTable,
  anOutcome,
  aScript,
  aTableFile,
  aTableTable,
} from "../workflow/test-support/build.ts";
import { readBatchHistory, readNodeHistory, readRunHistory } from "#pkg/operator";

const read = aFileTable("read");
const script = aScript([
  { ...read, reader: { ...read.reader, urls: ["/in/a.csv", "/in/b.csv"] } },
  aTableTable("more", "read"),
  aTableFile("write", "more"),
]);

let installation: Installation;
let store: ControlStore;
beforeEach(async () => {
  installation = await openInstallation();
  ({ store } = installation);
});
afterEach(() => installation[Symbol.asyncDispose]());

const change = async (run: RunRecord, name: string, set: Partial<NodeRecord>): Promise<void> => {
  const nodes = await store.nodes(run.incarnation, run.run);
  const node = nodes.find(({ node }) => node === name) as NodeRecord;
  expect(await store.updateNode({ ...node, ...set, version: node.version + 1 })).toBe(true);
};

const rowsPlan = (units: number, batches = units): NodePlan => ({
  phases: [{ name: "rows", units }],
  batches,
  partitions: 1,
});

const finishUnit = async (
  run: RunRecord,
  place: { readonly node: string; readonly phase: "rows" | "split"; readonly unit: number },
  ranges?: number,
): Promise<void> => {
  const key = { incarnation: run.incarnation, run: run.run, ...place };
  const token = `${place.node}-${place.phase}-${place.unit}`;
  await store.claimUnit({ key, token, session: "s", epoch: 1, at: 2000 + place.unit });
  const outcome = { ...anOutcome(1), ...(ranges === undefined ? {} : { ranges }) };
  const commit = { key, token, epoch: 1, at: 3000 + place.unit, result: { outcome } };
  expect(await store.commitUnit(commit)).toBe(true);
};

const batches = async (nodes: readonly string[] = []): Promise<readonly BatchHistoryRow[]> => {
  const rows: BatchHistoryRow[] = [];
  const request = { keyspace: "k", runs: [], nodes };
  for await (const window of readBatchHistory(store, request)) rows.push(...window);
  return rows;
};

describe("history", () => {
  test("of a file that was cut into ranges has one batch, which ends with its last range", async () => {
    const run = await installation.start(script, { keyspace: "k" });
    const phases: NodePlan["phases"] = [
      { name: "split", units: 2 },
      { name: "rows", units: 3 },
    ];
    const plan = { phases, batches: 2, partitions: 1 };
    await finishUnit(run, { node: "read", phase: "split", unit: 0 }, 2);
    await finishUnit(run, { node: "read", phase: "split", unit: 1 }, 1);
    await change(run, "read", { state: "running", plan, phase: 1, startedAt: 1500 });
    await finishUnit(run, { node: "read", phase: "rows", unit: 0 });
    await finishUnit(run, { node: "read", phase: "rows", unit: 2 });
    expect(await batches(["read"])).toMatchObject([
      { batch: 0, batches: 2, status: 1, at: 2000 },
      { batch: 1, batches: 2, status: 1, at: 2002 },
      { batch: 1, batches: 2, status: 2, at: 3002 },
    ]);
    await finishUnit(run, { node: "read", phase: "rows", unit: 1 });
    expect((await batches(["read"]))[1]).toMatchObject({ batch: 0, status: 2, at: 3001 });
  });

  test("of a file that had to be written again is that of the newest execution", async () => {
    const run = await installation.start(script, { keyspace: "k" });
    const lost = [{ unit: 0, token: "write-rows-0" }];
    await finishUnit(run, { node: "write", phase: "rows", unit: 0 });
    await finishUnit(run, { node: "write", phase: "rows", unit: 1 });
    await change(run, "write", {
      state: "running",
      plan: rowsPlan(1),
      phase: 0,
      startedAt: 1,
      lost,
    });
    expect((await batches(["write"])).map(({ at }) => at)).toEqual([2001, 3001]);
  });

  test("of nodes begins with the first claim, whichever phase is open", async () => {
    const run = await installation.start(script, { keyspace: "k" });
    await change(run, "read", { state: "running", plan: rowsPlan(2), phase: 0, startedAt: 1500 });
    expect(await readNodeHistory(store, "k", [])).toEqual([]);
    const key = {
      incarnation: run.incarnation,
      run: 1,
      node: "read",
      phase: "rows",
      unit: 1,
    } as const;
    await store.claimUnit({ key, token: "t", session: "s", epoch: 1, at: 1600 });
    expect(await readNodeHistory(store, "k", [1])).toMatchObject([{ node: "read", status: 1 }]);
    await finishUnit(run, { node: "read", phase: "rows", unit: 0 });
    await change(run, "more", { state: "running", plan: rowsPlan(2), phase: 1, startedAt: 1700 });
    const nodes = (await readNodeHistory(store, "k", [])).map(({ node }) => node);
    expect(nodes).toEqual(["read", "more"]);
  });

  test("of a run, node or keyspace that does not exist is a fault that helps", async () => {
    await installation.start(script, { keyspace: "k" });
    await expect(readRunHistory(store, "other")).rejects.toMatchObject({
      code: "KEYSPACE_MISSING",
    });
    await expect(readNodeHistory(store, "k", [2])).rejects.toMatchObject({ code: "RUN_MISSING" });
    await expect(batches(["rad"])).rejects.toMatchObject({ hint: 'Did you mean "read"?' });
    const far = { code: "NODE_MISSING", hint: "Nodes are: read, more, write." };
    await expect(batches(["something"])).rejects.toMatchObject(far);
  });

  test("of 100,000 batches comes in windows of bounded size and never lists the units", async () => {
    const run = await installation.start(script, { keyspace: "k" });
    const cause = { code: "STOPPED", message: "m", hint: "", retryable: false, facts: {} } as const;
    const end = { state: "fail", cause, endedAt: 9000 } as const;
    await change(run, "more", { ...end, plan: rowsPlan(100_000), startedAt: 1500 });
    await finishUnit(run, { node: "more", phase: "rows", unit: 99_999 });
    let [rows, largest] = [0, 0];
    const request = { keyspace: "k", runs: [1], nodes: ["more"] };
    const listing: ControlStore = Object.create(store, {
      units: { value: () => expect.fail("units were listed") },
    }) as ControlStore;
    for await (const window of readBatchHistory(listing, request)) {
      rows += window.length;
      largest = Math.max(largest, window.length);
    }
    expect(rows).toBe(100_001);
    expect(largest).toBeLessThanOrEqual(512);
  }, 60_000);
});
