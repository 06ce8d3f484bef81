import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { forEachLimit } from "#pkg/async";
import { prepareRetry, startRetry } from "#pkg/operator";
import type { RetrySize, RunRecord } from "#pkg/workflow";
import { aFileTable, aScript, aTableFile } from "../workflow/test-support/build.ts";
import type { Claim } from "./ports.ts";
import { everyPhase, everyPhaseOptions } from "./test-support/every-phase.ts";
import { FAILURE_MODES, FailurePlan } from "./test-support/fail-at.ts";
import { openProcess, workUntilSurvived } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();

const AT_ONCE = 24;
const UNFINISHED: RetrySize = { kind: "unfinished", failed: true, missing: true };

const unitOf = ({ key: { node, phase, unit } }: Claim): string => `${node} ${phase} ${unit}`;

const begin = (of = everyPhase): Promise<RunRecord> =>
  shared.installation.start(of, {
    ...everyPhaseOptions,
    keyspace: shared.newKeyspace(),
  });

/** A run in which these units fail. */
async function failedRun(bad: ReadonlySet<string>, of = everyPhase): Promise<RunRecord> {
  const run = await begin(of);
  await openProcess(shared.installation, {
    session: "first",
    isBad: (claim) => bad.has(unitOf(claim)),
  }).work(run);
  return run;
}

/** Files are read as they are now: those of this test never existed. */
async function retry(of: RunRecord, size: RetrySize = UNFINISHED): Promise<RunRecord | undefined> {
  const { store, tables, files } = shared.installation;
  const ports = { store, tables, files, now: () => 2000, newId: randomUUID };
  const request = { keyspace: of.keyspace, run: of.run, size, changedFiles: true };
  const prepared = await prepareRetry(ports, { ...request, absolute: (url) => url });
  const starter = { executors: [], description: "", startedBy: "test" };
  return startRetry(ports, prepared, starter);
}

const started = async (of: RunRecord, size?: RetrySize): Promise<RunRecord> => {
  const run = await retry(of, size);
  if (run === undefined) throw new Error("there was nothing to retry");
  return run;
};

async function executedBy(run: RunRecord, bad = new Set<string>()): Promise<readonly string[]> {
  const executed: string[] = [];
  const isBad = (claim: Claim): boolean => bad.has(unitOf(claim));
  const worker = openProcess(shared.installation, { session: randomUUID(), isBad });
  await worker.work(run, (claim) => executed.push(unitOf(claim)));
  return executed;
}

const stateOf = (run: RunRecord): Promise<unknown> =>
  shared.installation.store.nodes(run.incarnation, run.run);

const BAD: Readonly<Record<string, readonly string[]>> = {
  "a batch of a reader with ranges": ["orders rows 1"],
  "two batches of a lookup in partitions": ["join join 1", "join shuffle 0"],
  "a finish unit": ["days finish 0"],
  "a file": ["file rows 1"],
};

const cases = Object.keys(BAD);
/** Every n-th call is made to fail, beginning elsewhere in each case; CAPI_CRASH=full tries every call. */
const STEP = process.env["CAPI_CRASH"] === "full" ? 1 : 13;

const momentsOf = (calls: number, first: number): readonly number[] =>
  Array.from({ length: calls }, (_, call) => call + 1).filter((n) => n % STEP === first % STEP);

describe("W19 a failure at any port call of a retry changes nothing about its result", () => {
  for (const [what, bad] of Object.entries(BAD))
    for (const mode of FAILURE_MODES)
      test(`${what} had failed; one call fails: ${mode}`, { timeout: 60_000 }, async () => {
        const expected = await shared.installation.finalState(await failedRun(new Set()));
        expect(expected).toMatchObject({ outcome: "succeeded" });
        const unharmed = new FailurePlan(0, mode);
        const first = await started(await failedRun(new Set(bad)));
        const executed = new Set<string>();
        await workUntilSurvived(shared.installation, first, unharmed, (claim) =>
          executed.add(unitOf(claim)),
        );
        const moments = momentsOf(
          unharmed.calls,
          cases.indexOf(what) + 4 * FAILURE_MODES.indexOf(mode),
        );
        await forEachLimit(moments, AT_ONCE, async (n) => {
          const of = await failedRun(new Set(bad));
          const before = await stateOf(of);
          const run = await started(of);
          const again = new Set<string>();
          await workUntilSurvived(shared.installation, run, new FailurePlan(n, mode), (claim) =>
            again.add(unitOf(claim)),
          );
          expect(await shared.installation.finalState(run), `call ${n}`).toEqual(expected);
          expect(again, `call ${n}`).toEqual(executed);
          expect(await stateOf(of), `call ${n}`).toEqual(before);
          await openProcess(shared.installation, { session: "end" }).control.drop(run.keyspace);
        });
      });
});

test("T-01 W18 a second retry executes only what still failed, and a third finds nothing to do", async () => {
  const { reader } = aFileTable("orders");
  const urls = ["/a", "/b", "/c", "/d"];
  const files = aFileTable("orders", { reader: { ...reader, urls } });
  const bad = ["orders rows 0", "orders rows 2", "orders rows 3"];
  const first = await failedRun(new Set(bad), aScript([files, aTableFile("file", "orders")]));
  const second = await started(first);
  const again = await executedBy(second, new Set(["orders rows 3"]));
  expect(again.toSorted()).toEqual(bad);
  const third = await started(second);
  const executed = await executedBy(third);
  expect(executed.filter((unit) => unit.startsWith("orders"))).toEqual(["orders rows 3"]);
  expect(await retry(third)).toBeUndefined();
  expect(await retry(first)).toBeUndefined();
  const runs = await shared.installation.store.runs(first.incarnation);
  expect(runs.map(({ state, outcome }) => [state, outcome])).toEqual([
    ["complete", "failed"],
    ["complete", "failed"],
    ["complete", "succeeded"],
  ]);
  const rows = await shared.installation.store.nodes(third.incarnation, third.run);
  const manifest = await shared.installation.store.manifest(
    third.incarnation,
    rows[0]?.manifest ?? "",
  );
  expect(manifest.batches.map(({ from }) => from)).toEqual([2, 1, 2, undefined, 1, 1, 1, 1]);
});

test("W18 a run that was stopped on its way is finished by a retry; adopted data is swept by nobody", async () => {
  const of = await begin();
  const worker = openProcess(shared.installation, { session: "worker" });
  await worker.control.advance(of.incarnation, of.run);
  const claims: Claim[] = [];
  for (let unit = 0; unit < 4; unit += 1) {
    const [claim] = await worker.control.claimNext([of]);
    if (claim === undefined) throw new Error("there was nothing to claim");
    if (unit < 3) await worker.control.commit(claim, await worker.execute(claim));
    else claims.push(claim);
  }
  const late = claims[0] as Claim;
  const outcome = await worker.execute(late);
  await worker.control.stop(of.incarnation, of.run, "later");
  // The last attempt was on its way when the run was stopped: it lands, and what it wrote is still there.
  expect(await worker.control.commit(late, outcome)).toBe("committed");
  const run = await started(of);
  const executed = await executedBy(run);
  expect(executed).not.toContain(unitOf(late));
  await worker.control.sweep(of.incarnation, of.run);
  const { tables } = shared.installation;
  const { incarnation, node, phase, unit } = late.key;
  const place = { incarnation, run: of.run, node, phase, unit, token: late.token };
  const piece = { kind: "chunk", name: "", part: 0, seq: 0 } as const;
  expect((await tables.read(place, piece)).length).toBeGreaterThan(0);
  expect(await shared.installation.finalState(run)).toEqual(
    await shared.installation.finalState(await failedRun(new Set())),
  );
});

test("a retry can itself be stopped and retried; a whole result is taken over from where it was made", async () => {
  const first = await failedRun(new Set(["join rows 0"]));
  const second = await started(first);
  const worker = openProcess(shared.installation, { session: "s" });
  await worker.control.advance(second.incarnation, second.run);
  await worker.control.stop(second.incarnation, second.run, "not now");
  const third = await started(second);
  const executed = await executedBy(third);
  expect(executed.filter((unit) => unit.startsWith("join"))).toEqual(["join rows 0"]);
  const nodes = await shared.installation.store.nodes(third.incarnation, third.run);
  expect(nodes.map(({ node, adopted }) => [node, adopted?.run])).toEqual([
    ["orders", 1],
    ["days", 1],
    ["join", undefined],
    ["file", undefined],
  ]);
  expect(nodes[2]?.verdict?.reader).toMatchObject({ run: third.run, node: "orders" });
});

test("T-05 single batches are executed again, their neighbours are not touched", async () => {
  const first = await failedRun(new Set());
  const run = await started(first, { kind: "batches", batches: { days: [0] } });
  const executed = await executedBy(run);
  expect(executed).not.toContain("orders rows 0");
  expect(executed.filter((unit) => unit.startsWith("days rows"))).toEqual(["days rows 0"]);
  expect(await shared.installation.finalState(run)).toEqual(
    await shared.installation.finalState(first),
  );
});

test("results that have vanished fail the node that was to take them over", async () => {
  const first = await failedRun(new Set(["orders rows 1"]));
  const run = await started(first);
  const missing = { ...shared.installation.store, units: () => Promise.resolve([]) };
  const worker = openProcess({ ...shared.installation, store: missing }, { session: "s" });
  await worker.control.advance(run.incarnation, run.run);
  const [orders] = await shared.installation.store.nodes(run.incarnation, run.run);
  expect(orders).toMatchObject({ state: "fail", cause: { code: "TABLE_DAMAGED" } });
});
