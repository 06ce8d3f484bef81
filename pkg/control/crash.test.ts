import { describe, expect, test } from "vitest";
import { forEachLimit } from "#pkg/async";
import type { RunRecord } from "#pkg/workflow";
import { everyPhase, everyPhaseOptions } from "./test-support/every-phase.ts";
import { FAILURE_MODES, FailurePlan } from "./test-support/fail-at.ts";
import { openProcess, workUntilSurvived } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();

/** Runs at once: they are independent, and the store writes what comes together in one go. */
const AT_ONCE = 24;

const start = (): Promise<RunRecord> =>
  shared.installation.start(everyPhase, {
    ...everyPhaseOptions,
    keyspace: shared.newKeyspace(),
  });

const ORDER = ["wait", "adopt", "open", "nextPhase", "publish", "succeed", "fail", "skip", "stop"];

/** The events of every node only go forward, and the run ends once. */
async function expectMonotone({ incarnation, run, affected }: RunRecord): Promise<void> {
  const events = await shared.installation.store.events(incarnation, run, 0);
  for (const name of affected) {
    const steps = events.filter(({ node }) => node === name).map(({ kind }) => ORDER.indexOf(kind));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  }
  expect(events.filter(({ kind }) => kind === "complete")).toHaveLength(1);
}

describe("W2 W3 W4 W9 W11 W14 a failure at any port call changes nothing about the result", () => {
  for (const mode of FAILURE_MODES)
    test(`of a run one of whose calls fails: ${mode}`, { timeout: 60_000 }, async () => {
      const unharmed = new FailurePlan(0, mode);
      const first = await start();
      await workUntilSurvived(shared.installation, first, unharmed);
      const expected = await shared.installation.finalState(first);
      expect(expected).toMatchObject({ outcome: "succeeded" });
      const moments = Array.from({ length: unharmed.calls }, (_, call) => call + 1);
      await forEachLimit(moments, AT_ONCE, async (n) => {
        const run = await start();
        await workUntilSurvived(shared.installation, run, new FailurePlan(n, mode));
        expect(await shared.installation.finalState(run), `call ${n}`).toEqual(expected);
        await expectMonotone(run);
        await openProcess(shared.installation, { session: "end" }).control.drop(run.keyspace);
      });
    });
});

test(
  "W1 W13 a stop at any port call ends the run as stopped with every node final",
  { timeout: 60_000 },
  async () => {
    const unharmed = new FailurePlan(0, "before");
    await workUntilSurvived(shared.installation, await start(), unharmed);
    const moments = Array.from({ length: unharmed.calls }, (_, call) => call + 1);
    await forEachLimit(moments, AT_ONCE, async (n) => {
      const run = await start();
      const { incarnation } = run;
      const plan = new FailurePlan(n, "before");
      const worker = openProcess(shared.installation, { session: "worker", plan });
      const stopper = openProcess(shared.installation, {
        session: "stopper",
        dead: new Set(["worker"]),
      });
      await worker.work(run).catch(() => undefined);
      await stopper.control.stop(incarnation, run.run, "enough");
      const record = await shared.installation.store.run(incarnation, run.run);
      expect(record).toMatchObject({ state: "stopped", comment: "enough", epoch: 2 });
      const nodes = await shared.installation.store.nodes(incarnation, run.run);
      for (const { state, cause } of nodes) {
        expect(["success", "stopreceived"]).toContain(state);
        if (state === "stopreceived") expect(cause?.code).toBe("STOPPED");
      }
      const left = Object.keys(await shared.installation.outputs(run.keyspace));
      expect(left.filter((name) => name.includes("tmp"))).toEqual([]);
      await stopper.work(run);
      expect(await shared.installation.store.nodes(incarnation, run.run)).toEqual(nodes);
    });
  },
);

test(
  "W15 a drop that dies at any port call can be repeated until the keyspace is gone",
  { timeout: 60_000 },
  async () => {
    for (let n = 1; n <= 6; n += 1) {
      const run = await start();
      await openProcess(shared.installation, { session: "s" }).work(run);
      const plan = new FailurePlan(n, n % 2 === 0 ? "after" : "before");
      const dying = openProcess(shared.installation, { session: "dying", plan });
      await dying.control.drop(run.keyspace).catch(() => undefined);
      const next = openProcess(shared.installation, { session: "next" });
      await next.control.drop(run.keyspace);
      expect(await shared.installation.store.keyspace(run.keyspace)).toBeUndefined();
      expect(await next.control.drop(run.keyspace)).toBe(false);
      expect(await next.control.advance(run.incarnation, run.run)).toBe(false);
    }
  },
);

test(
  "W3 W12 several processes that attend one run at once execute every unit once",
  { timeout: 60_000 },
  async () => {
    await forEachLimit(Array.from({ length: 10 }), AT_ONCE, async () => {
      const run = await start();
      const executed: string[] = [];
      const work = async (session: string): Promise<void> => {
        const process = openProcess(shared.installation, { session });
        for (;;) {
          await process.work(run, ({ key }) => executed.push(JSON.stringify(key)));
          const record = await shared.installation.store.run(run.incarnation, run.run);
          if (record?.state !== "running") return;
          // Reads answer at once: without a turn of the event loop the others' writes would never end.
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        }
      };
      await Promise.all(["a", "b", "c"].map(work));
      expect(new Set(executed).size).toBe(executed.length);
      expect(await shared.installation.finalState(run)).toMatchObject({ outcome: "succeeded" });
      await expectMonotone(run);
    });
  },
);
