import { describe, expect, test } from "vitest";
import { Fault, toRecord } from "#pkg/fault";
import { batchHistory, beginsWithClaim, nodeHistory, runHistory } from "./history.ts";
import type { NodeRecord, UnitRecord } from "./records.ts";
import { aNode, anOutcome, aRun, aUnit } from "./test-support/build.ts";

const missing = toRecord(new Fault("FILE_MISSING", "no file"));
const plan: NonNullable<NodeRecord["plan"]> = {
  phases: [{ name: "rows", units: 2 }],
  batches: 2,
  partitions: 1,
};
const short = (rows: readonly { readonly at: number; readonly status: number }[]) =>
  rows.map(({ at, status }) => [at, status]);

describe("events of a run", () => {
  test("are start, complete with the status of every node, stop with its comment", () => {
    const nodes = [aNode(1, "a", { state: "success" }), aNode(1, "b", { state: "skipped" })];
    const ended = { outcome: "partly", endedAt: 1500, startedBy: "ann" } as const;
    const run = aRun(1, { ...ended, state: "stopped", stoppedAt: 1700, comment: "wrong" });
    expect(runHistory(run, nodes)).toEqual([
      { at: 1000, run: 1, status: 1, comment: "started by ann" },
      { at: 1500, run: 1, status: 2, comment: '{"a":"success","b":"fail"}' },
      { at: 1700, run: 1, status: 3, comment: "wrong" },
    ]);
  });

  test("are start alone while it runs, and start and stop when it was stopped before its end", () => {
    expect(short(runHistory(aRun(1), []))).toEqual([[1000, 1]]);
    const stopped = aRun(1, { state: "stopped", endedAt: 1200, stoppedAt: 1200 });
    expect(short(runHistory(stopped, []))).toEqual([
      [1000, 1],
      [1200, 3],
    ]);
  });
});

describe("events of a node", () => {
  const run = aRun(1);
  const rows = (changes: Partial<NodeRecord>, wasClaimed = true) =>
    short(nodeHistory(run, aNode(1, "a", changes), wasClaimed));

  test("are none while it waits or is ready, and start from its first claim on", () => {
    expect(rows({ state: "waiting" }, false)).toEqual([]);
    expect(rows({ state: "running", plan, startedAt: 5 }, false)).toEqual([]);
    expect(rows({ state: "running", plan, startedAt: 5 })).toEqual([[5, 1]]);
    expect(rows({ state: "publishing", plan, startedAt: 5 })).toEqual([[5, 1]]);
  });

  test("end with success, fail or stop received", () => {
    const times = { plan, startedAt: 5, endedAt: 9 };
    expect(rows({ state: "success", ...times }, false)).toEqual([
      [5, 1],
      [9, 2],
    ]);
    expect(rows({ state: "fail", cause: missing, ...times }, false)).toEqual([
      [5, 1],
      [9, 3],
    ]);
    expect(rows({ state: "stopreceived", ...times })).toEqual([
      [5, 1],
      [9, 104],
    ]);
  });

  test("count batches in words", () => {
    const times = { plan: { ...plan, batches: 1 }, startedAt: 5, endedAt: 9 };
    const node = aNode(1, "a", { state: "success", ...times });
    expect(nodeHistory(run, node, true).map(({ comment }) => comment)).toEqual([
      "1 batch",
      "1 batch succeeded",
    ]);
  });

  test("are the end alone when it never began", () => {
    expect(rows({ state: "skipped", cause: missing, endedAt: 9 }, false)).toEqual([[9, 3]]);
    expect(rows({ state: "stopreceived", plan, startedAt: 5, endedAt: 9 }, false)).toEqual([
      [9, 104],
    ]);
  });

  test("are absent for a node that the run does not execute", () => {
    const other = aRun(1, { onlyNodes: ["b"] });
    const node = aNode(1, "a", { state: "none" });
    expect(nodeHistory(other, node, false)).toEqual([]);
    expect(batchHistory({ run: other, node, batches: 1 }, 0, [])).toEqual([]);
  });

  test("depend on claims only while it has neither succeeded nor failed", () => {
    expect(beginsWithClaim(aNode(1, "a", { state: "running", startedAt: 5 }))).toBe(true);
    expect(beginsWithClaim(aNode(1, "a", { state: "success", startedAt: 5 }))).toBe(false);
    expect(beginsWithClaim(aNode(1, "a"))).toBe(false);
  });
});

describe("events of a batch", () => {
  const run = aRun(1, { comment: "stop it" });
  const running = aNode(1, "a", { state: "running", plan, startedAt: 5 });
  const of = (node: NodeRecord, records: readonly (UnitRecord | undefined)[], batch = 0) =>
    batchHistory({ run, node, batches: 2, sourceRows: 5 }, batch, records);

  test("are none while it is pending, start while it runs", () => {
    expect(of(running, [undefined])).toEqual([]);
    expect(of(running, [aUnit("t", { state: "running", startedAt: 6 })])).toMatchObject([
      { at: 6, node: "a", batch: 0, batches: 2, status: 1, comment: "" },
    ]);
  });

  test("end with rows and time, or with the cause; earlier attempts stay readable", () => {
    const outcome = anOutcome(3);
    const good = aUnit("t", { startedAt: 6, endedAt: 1506, outcome, causes: [missing] });
    expect(of(running, [good]).map(({ status, comment }) => [status, comment])).toEqual([
      [1, "attempt 2; before: no file"],
      [2, "elapsed 1.500s; read 3; written 3"],
    ]);
    const bad = aUnit("t", { state: "fail", startedAt: 6, endedAt: 7, causes: [missing] });
    expect(of(running, [bad]).map(({ status, comment }) => [status, comment])).toEqual([
      [1, ""],
      [3, "no file"],
    ]);
  });

  test("end without a cause only when none was kept, and say so", () => {
    const lost = aUnit("t", { state: "fail", startedAt: 6, endedAt: 7 });
    expect(of(running, [lost])[1]).toMatchObject({ status: 3, comment: "no cause was kept" });
  });

  test("of a file that was cut into ranges are those of one batch", () => {
    const one = aUnit("t", { startedAt: 6, endedAt: 8, outcome: anOutcome(3) });
    const two = aUnit("u", { startedAt: 7, endedAt: 9, outcome: anOutcome(4) });
    expect(short(of(running, [one, undefined]))).toEqual([[6, 1]]);
    expect(short(of(running, [one, two]))).toEqual([
      [6, 1],
      [9, 2],
    ]);
    expect(of(running, [one, two])[1]?.comment).toContain("read 7");
  });

  test("of a node that ended without it are the end of the node", () => {
    const skipped = aNode(1, "a", { state: "skipped", cause: missing, endedAt: 9 });
    expect(of(skipped, [])).toMatchObject([{ at: 9, status: 3, comment: "no file" }]);
    const stopped = aNode(1, "a", { state: "stopreceived", plan, startedAt: 5, endedAt: 9 });
    const held = aUnit("t", { state: "running", startedAt: 6 });
    expect(of(stopped, [held])).toMatchObject([
      { at: 6, status: 1 },
      { at: 9, status: 104, comment: "stop it" },
    ]);
  });

  test("that a retry took over tell from which run", () => {
    const adopted = { adopted: { run: 7 }, plan, startedAt: 5, endedAt: 9 } as const;
    const node = aNode(8, "a", { state: "success", ...adopted });
    expect(of(node, [undefined])).toMatchObject([
      { at: 5, status: 1 },
      { at: 9, status: 2, comment: "taken over from run 7" },
    ]);
    expect(nodeHistory(run, node, false)[1]?.comment).toBe("2 batches taken over from run 7");
    const outcome = { ...anOutcome(3), from: 7 };
    const unit = aUnit("t", { startedAt: 6, endedAt: 8, outcome });
    expect(of(running, [unit])[1]?.comment).toBe("taken over from run 7; read 3; written 3");
  });

  test("of a violated unique index are a failure where the later row is", () => {
    const facts = { second: { batch: 1, position: 4 } };
    const cause = toRecord(new Fault("DUPLICATE_KEY", "twice", { facts }));
    const node = aNode(1, "a", { state: "fail", cause, plan, startedAt: 5, endedAt: 9 });
    const done = aUnit("t", { startedAt: 6, endedAt: 7, outcome: anOutcome(1) });
    expect(short(of(node, [done], 0))).toEqual([
      [6, 1],
      [7, 2],
    ]);
    expect(short(of(node, [done], 1))).toEqual([
      [6, 1],
      [9, 3],
    ]);
  });

  test("carry the share of source rows, or the number of the file", () => {
    const held = [aUnit("t", { state: "running" })];
    expect(of(running, held, 1)).toMatchObject([{ firstToken: 2, lastToken: 4 }]);
    const file = batchHistory({ run, node: running, batches: 2 }, 1, held);
    expect(file).toMatchObject([{ firstToken: 1, lastToken: 1 }]);
  });
});
