import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import type { RunRecord, UnitRecord } from "#pkg/workflow";
import type { Script } from "#pkg/script";
import { aDistinct, aFileTable, aScript, aTableTable } from "../workflow/test-support/build.ts";
import type { Claim } from "./ports.ts";
import { openProcess } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();
const { nodesOf, runOf } = shared;

const script = aScript([aFileTable("A"), aTableTable("B", "A"), aTableTable("C", "B")]);
const start = (given: Script = script): Promise<RunRecord> =>
  shared.installation.start(given, { keyspace: shared.keyspace });

const unitOf = async ({ key }: Claim): Promise<UnitRecord> =>
  (await shared.installation.store.unit(key)) as UnitRecord;

const dead = (...sessions: readonly string[]) => new Set(sessions);
const passing = new Fault("THREAD_DIED", "the thread ended", { retryable: true });

test("T-11 W12 a zombie whose unit was taken over can neither commit nor hand back nor fail it", async () => {
  const run = await start();
  const zombie = openProcess(shared.installation, { session: "zombie" });
  const late = await zombie.claim(run);
  const outcome = await zombie.execute(late);
  const other = openProcess(shared.installation, { session: "other", dead: dead("zombie") });
  const taken = await other.claim(run);
  expect(taken.key).toEqual(late.key);
  expect(taken.token).not.toBe(late.token);
  expect(await zombie.control.commit(late, outcome)).toBe("refused");
  expect(await zombie.control.handBack(late)).toBe("refused");
  expect(await zombie.control.fail(late, new Fault("CELL_INVALID", "bad"))).toBe("refused");
  const record = await unitOf(taken);
  expect(record).toMatchObject({ state: "running", token: taken.token, losses: 1, attempt: 2 });
  expect(record.causes).toMatchObject([{ code: "WORKER_LOST", facts: { token: late.token } }]);
});

test("T-09 W2 a commit that arrives after the run has ended changes nothing", async () => {
  const run = await start();
  const zombie = openProcess(shared.installation, { session: "zombie" });
  const late = await zombie.claim(run);
  const outcome = await zombie.execute(late);
  await openProcess(shared.installation, { session: "other", dead: dead("zombie") }).work(run);
  const before = [await runOf(run), await nodesOf(run), await unitOf(late)];
  expect(await zombie.control.commit(late, outcome)).toBe("refused");
  expect(await zombie.control.advance(run.incarnation, run.run)).toBe(false);
  expect([await runOf(run), await nodesOf(run), await unitOf(late)]).toEqual(before);
});

test("T-08 W2 nothing is executed again when a worker dies after its last commit", async () => {
  const run = await start(aScript([aFileTable("A")]));
  const first = openProcess(shared.installation, { session: "first" });
  const claim = await first.claim(run);
  const { key, token, epoch } = claim;
  const result = { outcome: await first.execute(claim) };
  await shared.installation.store.commitUnit({ key, token, epoch, at: 1, result });
  const executed: Claim[] = [];
  const second = openProcess(shared.installation, { session: "second", dead: dead("first") });
  await second.work(run, (claim) => executed.push(claim));
  expect(executed).toEqual([]);
  expect(await runOf(run)).toMatchObject({ state: "complete", outcome: "succeeded" });
});

test("T-12 W14 a run whose starter died before the first batch is finished by another process", async () => {
  const run = await start();
  await openProcess(shared.installation, { session: "next" }).work(run);
  expect(await runOf(run)).toMatchObject({ outcome: "succeeded" });
});

test("T-07 W6 W13 when a node fails every node below it ends with a cause that names it", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  const claim = await process.claim(run);
  const bad = new Fault("CELL_INVALID", "row 3 is bad", { facts: { row: 3 } });
  expect(await process.control.fail(claim, bad)).toBe("committed");
  const nodes = await nodesOf(run);
  expect(nodes.map(({ state }) => state)).toEqual(["fail", "skipped", "skipped"]);
  expect(nodes.map(({ cause }) => cause?.message)).toEqual([
    "row 3 is bad",
    'cannot run because node "A" did not succeed: row 3 is bad',
    'cannot run because node "A" did not succeed: row 3 is bad',
  ]);
  expect(nodes[0]?.cause?.facts).toMatchObject({ row: 3, unit: 0, failedUnits: 1, units: 1 });
  expect(await runOf(run)).toMatchObject({ state: "complete", outcome: "failed" });
});

test("T-26 a poisoned batch does not keep the others from being executed", async () => {
  const { reader } = aFileTable("A");
  const urls = ["/a", "/b", "/c"];
  const run = await start(aScript([aFileTable("A", { reader: { ...reader, urls } })]));
  const process = openProcess(shared.installation, { session: "s" });
  await process.control.fail(await process.claim(run), new Fault("CELL_INVALID", "bad"));
  expect((await nodesOf(run))[0]?.state).toBe("running");
  await process.work(run);
  const key = { incarnation: run.incarnation, run: run.run, node: "A", phase: "rows" } as const;
  expect(await shared.installation.store.progress(key)).toEqual({
    succeeded: 2,
    failed: 1,
    rejected: 0,
  });
  expect((await nodesOf(run))[0]).toMatchObject({ state: "fail", cause: { code: "CELL_INVALID" } });
});

test("W8 a unit fails for good with its fifth retryable fault", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  const ends = [];
  let claim = await process.claim(run);
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    expect(claim.attempt).toBe(attempt);
    ends.push(await process.control.fail(claim, passing));
    if (attempt < 5) claim = await process.claim(run);
  }
  expect(ends).toEqual(["released", "released", "released", "released", "committed"]);
  expect((await unitOf(claim)).causes.at(-1)).toMatchObject({
    code: "UNIT_ATTEMPTS",
    message: "5 attempts failed, the last one: the thread ended",
  });
});

test("W8 a unit rests after a fault, longer each time", async () => {
  const run = await start();
  let time = 0;
  const process = openProcess(shared.installation, {
    session: "s",
    clock: () => time,
    limits: { backOffMs: 100 },
  });
  for (const rest of [100, 200]) {
    await process.control.fail(await process.claim(run), passing);
    time += rest - 1;
    expect(await process.control.claimNext([run])).toEqual([]);
    time += 1;
  }
  expect((await process.claim(run)).attempt).toBe(3);
});

test("W8 hand-backs, stops and store outages do not count against a unit", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  for (let round = 0; round < 10; round += 1) {
    expect(await process.control.handBack(await process.claim(run))).toBe("released");
    for (const code of ["STORE_UNAVAILABLE", "CLUSTER_UNAVAILABLE"] as const) {
      const outage = new Fault(code, "gone", { retryable: true });
      expect(await process.control.fail(await process.claim(run), outage)).toBe("released");
    }
  }
  expect(await process.claim(run)).toMatchObject({ attempt: 31, faults: 0 });
});

test("W8 a unit fails when more than twenty processes died with it", async () => {
  const run = await start(aScript([aFileTable("A")]));
  const gone = new Set<string>();
  for (let death = 0; death <= 20; death += 1) {
    const session = `s${death}`;
    await openProcess(shared.installation, { session, dead: gone }).claim(run);
    gone.add(session);
  }
  const last = openProcess(shared.installation, { session: "last", dead: gone });
  expect(await last.control.claimNext([run])).toEqual([]);
  expect((await nodesOf(run))[0]).toMatchObject({
    state: "fail",
    cause: { code: "UNIT_ATTEMPTS", message: "21 processes died while they ran this batch" },
  });
});

const failing = (name: string) => aTableTable(name, "A", { rerunPolicy: "fail" });

test("W8 rerun_policy fail ends a lost unit instead of a new attempt", async () => {
  const run = await start(aScript([aFileTable("A"), failing("B")]));
  const first = openProcess(shared.installation, { session: "first" });
  await first.control.commit(
    ...(await first.claim(run).then(async (claim) => [claim, await first.execute(claim)] as const)),
  );
  await first.claim(run);
  const second = openProcess(shared.installation, { session: "second", dead: dead("first") });
  await second.work(run);
  expect((await nodesOf(run))[1]).toMatchObject({
    state: "fail",
    cause: { code: "RERUN_REFUSED" },
  });
});

test("W8 rerun_policy fail ends a unit with its first fault, whatever it is", async () => {
  const run = await start(aScript([aFileTable("A", { rerunPolicy: "fail" })]));
  const process = openProcess(shared.installation, { session: "s" });
  expect(await process.control.fail(await process.claim(run), passing)).toBe("committed");
  expect((await nodesOf(run))[0]).toMatchObject({ state: "fail", cause: { code: "THREAD_DIED" } });
});

test("W8 a distinct node is executed again although the reference demands rerun_policy fail of it", async () => {
  const run = await start(aScript([aFileTable("A"), aDistinct("D", "A")]));
  const first = openProcess(shared.installation, { session: "first" });
  const claim = await first.claim(run);
  await first.control.commit(claim, await first.execute(claim));
  await first.claim(run);
  await openProcess(shared.installation, { session: "second", dead: dead("first") }).work(run);
  expect(await runOf(run)).toMatchObject({ outcome: "succeeded" });
});

test("W7 a process that lost its lease commits and fails nothing, but may leave quietly", async () => {
  const run = await start();
  let holds = true;
  const process = openProcess(shared.installation, { session: "s", holdsLease: () => holds });
  const claim = await process.claim(run);
  const outcome = await process.execute(claim);
  holds = false;
  await expect(process.control.commit(claim, outcome)).rejects.toMatchObject({
    code: "LEASE_LOST",
  });
  const bad = new Fault("CELL_INVALID", "bad");
  await expect(process.control.fail(claim, bad)).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect(await process.control.fail(claim, new Fault("LEASE_LOST", "gone"))).toBe("refused");
  expect((await unitOf(claim)).state).toBe("running");
});

test("counts that do not add up fail the node as ACCOUNTING", async () => {
  const run = await start(aScript([aFileTable("A")]));
  const process = openProcess(shared.installation, { session: "s" });
  const claim = await process.claim(run);
  const outcome = await process.execute(claim);
  await process.control.commit(claim, { ...outcome, chunks: [1] });
  expect((await nodesOf(run))[0]).toMatchObject({ state: "fail", cause: { code: "ACCOUNTING" } });
});

test("warnings of units are kept with the node, each once", async () => {
  const { reader } = aFileTable("A");
  const run = await start(
    aScript([aFileTable("A", { reader: { ...reader, urls: ["/a", "/b"] } })]),
  );
  const process = openProcess(shared.installation, { session: "s" });
  for (let unit = 0; unit < 2; unit += 1) {
    const claim = await process.claim(run);
    const outcome = await process.execute(claim);
    await process.control.commit(claim, { ...outcome, warnings: ["odd"] });
  }
  expect((await nodesOf(run))[0]).toMatchObject({ state: "success", warnings: ["odd"] });
});
