import { beforeEach, expect, test } from "vitest";
import type { DependencyPolicy, Script } from "#pkg/script";
import { Fault } from "#pkg/fault";
import type { RunRecord } from "#pkg/workflow";
import { aFileTable, aScript, aTableTable, newestPolicy } from "../workflow/test-support/build.ts";
import { FailurePlan } from "./test-support/fail-at.ts";
import { openProcess, type Process } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();
const { nodesOf, runOf } = shared;
let worker: Process;

beforeEach(() => {
  worker = openProcess(shared.installation, { session: "s" });
});

const manual = aTableTable("B", "A", { startPolicy: "manual" });
const script = aScript([aFileTable("A"), manual, aTableTable("C", "B")]);
const start = (startNodes: readonly string[], given: Script = script): Promise<RunRecord> =>
  shared.installation.start(given, { keyspace: shared.keyspace, startNodes });

test("W4 a second run reads the tables of the first and records where from", async () => {
  await worker.work(await start(["A"]));
  const second = await start(["B"]);
  await worker.work(second);
  const [b, c] = await nodesOf(second);
  expect(b?.verdict).toMatchObject({ reader: { run: 1, node: "A" } });
  expect(c?.verdict).toMatchObject({ reader: { run: 2, node: "B" } });
  expect(await runOf(second)).toMatchObject({ outcome: "succeeded" });
});

test("a run waits for a running one with a reason, and goes on when that has moved", async () => {
  const first = await start(["A"]);
  const second = await start(["B"]);
  await worker.control.advance(second.incarnation, second.run);
  expect(await worker.control.waitingReason(second.incarnation, 2)).toContain(
    'node "B" waits for node "A" of run 1',
  );
  expect(await worker.control.isStuck(second.incarnation, 2)).toBe(false);
  await worker.work(first);
  const [b] = await nodesOf(second);
  expect(b?.state).toBe("running");
  expect(b?.reason).toBeUndefined();
  await worker.work(second);
  expect(await worker.control.waitingReason(second.incarnation, 2)).toBeUndefined();
});

test("a run that waits for one whose processes are all dead is stuck", async () => {
  const executors = ["gone"];
  await shared.installation.start(script, {
    keyspace: shared.keyspace,
    startNodes: ["A"],
    executors,
  });
  const second = await start(["B"]);
  const alone = openProcess(shared.installation, { session: "s", dead: new Set(executors) });
  await alone.work(second);
  expect(await alone.control.isStuck(second.incarnation, second.run)).toBe(true);
  expect(await worker.control.isStuck(second.incarnation, second.run)).toBe(false);
  expect(await alone.control.isStuck(second.incarnation, 1)).toBe(false);
});

test("a node whose source no run ever produced fails and names the start node to add", async () => {
  const run = await start(["B"]);
  await worker.work(run);
  expect((await nodesOf(run)).map(({ state }) => state)).toEqual(["fail", "skipped"]);
  expect((await nodesOf(run))[0]?.cause).toMatchObject({ code: "SOURCE_MISSING" });
});

test("a policy that goes on a failed source reads its committed batches, with a warning", async () => {
  const policy: DependencyPolicy = {
    ...newestPolicy,
    rules: [{ command: "go", expression: "nrs.node_status >= wfmodel.NodeBatchSuccess" }],
  };
  const { reader } = aFileTable("A");
  const urls = ["/a", "/b"];
  const nodes = [aFileTable("A", { reader: { ...reader, urls } }), aTableTable("B", "A")];
  const run = await start(["A"], aScript(nodes, [policy]));
  const [claim] = await worker.control.claimNext([run]);
  if (claim === undefined) throw new Error("nothing to claim");
  await worker.control.fail(claim, new Fault("CELL_INVALID", "bad"));
  await worker.work(run);
  const [a, b] = await nodesOf(run);
  expect(a?.state).toBe("fail");
  expect(b).toMatchObject({ state: "success", warnings: [expect.stringContaining('"A"')] });
  const id = b?.verdict?.reader?.manifest as string;
  expect((await shared.installation.store.manifest(run.incarnation, id)).batches).toHaveLength(1);
  expect(await runOf(run)).toMatchObject({ outcome: "partly" });
});

test("W1 a completed run can be invalidated: it keeps its outcome and reads as stopped", async () => {
  const run = await start(["A"]);
  await worker.work(run);
  expect(await worker.control.stop(run.incarnation, run.run, "wrong data")).toBe(true);
  expect(await runOf(run)).toMatchObject({
    state: "stopped",
    outcome: "succeeded",
    comment: "wrong data",
  });
  expect((await nodesOf(run))[0]?.state).toBe("success");
  expect(await worker.control.stop(run.incarnation, run.run, "again")).toBe(false);
  const second = await start(["B"]);
  await worker.work(second);
  expect((await nodesOf(second))[0]).toMatchObject({
    state: "skipped",
    cause: { code: "DEPENDENCY_NOGO" },
  });
});

test("stopping a run that does not exist is refused", async () => {
  const { incarnation } = await start(["A"]);
  await expect(worker.control.stop(incarnation, 9, "x")).rejects.toMatchObject({
    code: "RUN_MISSING",
  });
});

test("only the named nodes of a run are executed", async () => {
  const given = aScript([aFileTable("A"), aTableTable("B", "A")]);
  const run = await shared.installation.start(given, {
    keyspace: shared.keyspace,
    onlyNodes: ["A"],
  });
  await worker.work(run);
  expect((await nodesOf(run)).map(({ state }) => state)).toEqual(["success", "none"]);
  expect(await runOf(run)).toMatchObject({ outcome: "succeeded" });
});

test("an ended run leaves a summary, also when it was stopped", async () => {
  const run = await start(["A"]);
  await worker.work(run);
  await worker.control.stop(run.incarnation, run.run, "no");
  const summaries = await shared.installation.store.summaries("orders");
  const mine = summaries.find(({ incarnation }) => incarnation === run.incarnation);
  expect(mine).toMatchObject({
    outcome: "stopped",
    nodes: [{ node: "A", state: "success", rows: 3, bytes: 1000, batches: 1 }],
  });
});

test("a damaged source table fails the node that would read it", async () => {
  await worker.work(await start(["A"]));
  const second = await start(["B"]);
  const store = new Proxy(shared.installation.store, {
    get: (target, name) =>
      name === "manifest"
        ? () => Promise.reject(new Fault("TABLE_DAMAGED", "gone"))
        : (Reflect.get(target, name) as unknown),
  });
  const reading = openProcess({ ...shared.installation, store }, { session: "r" });
  await reading.control.advance(second.incarnation, second.run).catch(() => undefined);
  expect((await nodesOf(second))[0]).toMatchObject({
    state: "fail",
    cause: { code: "TABLE_DAMAGED" },
  });
});

test("W11 sweeping a finished run again removes nothing that is read", async () => {
  const run = await start(["A"]);
  await worker.work(run);
  await worker.control.sweep(run.incarnation, run.run);
  const [a] = await nodesOf(run);
  const made = await shared.installation.store.manifest(run.incarnation, a?.manifest as string);
  const [batch] = made.batches;
  const place = { incarnation: run.incarnation, run: 1, node: "A", phase: "rows", unit: 0 };
  const piece = { kind: "chunk", name: "", part: 0, seq: 0 } as const;
  const data = await shared.installation.tables.read(
    { ...place, token: batch?.token as string },
    piece,
  );
  expect(new TextDecoder().decode(data)).toBe("A rows 0");
});

test("a keyspace that is being dropped lets nothing move and nobody loop", async () => {
  const run = await start(["A"]);
  await shared.installation.store.beginDrop(shared.keyspace, run.incarnation);
  expect(await worker.control.advance(run.incarnation, run.run)).toBe(false);
  expect(await worker.control.claimNext([run])).toEqual([]);
  await worker.control.stop(run.incarnation, run.run, "going").catch(() => undefined);
  expect(await worker.control.drop(shared.keyspace)).toBe(true);
});

test("a store call that never answers well surfaces after its repeats", async () => {
  const run = await start(["A"]);
  const plan = new FailurePlan(0, "never");
  plan.call = () => Promise.reject(new Fault("STORE_UNAVAILABLE", "down", { retryable: true }));
  const cut = openProcess(shared.installation, { session: "cut", plan });
  await expect(cut.control.advance(run.incarnation, run.run)).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
});
