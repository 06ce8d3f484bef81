import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import type { NodeRecord, RunRecord } from "#pkg/workflow";
import { aFileTable, aScript, aTableFile } from "../workflow/test-support/build.ts";
import { FailurePlan } from "./test-support/fail-at.ts";
import { openProcess } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";
import type { Claim } from "./ports.ts";

const shared = sharedInstallation();

const reader = { table: "t_A", rowsetSize: 10, batches: 2 };
const script = aScript([aFileTable("A"), aTableFile("F", "A", { reader })]);
const start = (): Promise<RunRecord> =>
  shared.installation.start(script, { keyspace: shared.keyspace });
const outputs = (): Promise<Readonly<Record<string, string>>> =>
  shared.installation.outputs(shared.keyspace);
const fileNode = async ({ incarnation, run }: RunRecord): Promise<NodeRecord> =>
  (await shared.installation.store.nodes(incarnation, run))[1] as NodeRecord;

const BOTH = { "F_00000.csv": "F 0\n", "F_00001.csv": "F 1\n" };

/** A run whose process died when it was about to publish the n-th file. */
async function diedAtPublish(nth: number): Promise<RunRecord> {
  const run = await start();
  const counting = new FailurePlan(0, "before");
  const names: string[] = [];
  const call = counting.call.bind(counting);
  let seen = 0;
  counting.call = async (name, act) => {
    names.push(name);
    if (name === "publish" && (seen += 1) === nth) counting.isDead = true;
    return call(name, act);
  };
  const dying = openProcess(shared.installation, { session: "dying", plan: counting });
  await expect(dying.work(run)).rejects.toThrow("dead process");
  expect(names).toContain("claimOutput");
  return run;
}

const survivor = () =>
  openProcess(shared.installation, { session: "next", dead: new Set(["dying"]) });

test("W9 no file is visible before every batch is committed", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  for (let committed = 0; committed < 2; committed += 1) {
    const [claim] = (await process.control.claimNext([run])) as [Claim];
    await process.control.commit(claim, await process.execute(claim));
  }
  expect(Object.keys(await outputs())).toEqual([expect.stringMatching(/^\..*tmp$/)]);
  await process.work(run);
  expect(await outputs()).toEqual(BOTH);
});

test("W9 a publication that died between two files is finished by another process", async () => {
  const run = await diedAtPublish(2);
  expect(Object.keys(await outputs())).toContain("F_00000.csv");
  await survivor().work(run);
  expect(await outputs()).toEqual(BOTH);
  expect(await fileNode(run)).toMatchObject({ state: "success" });
});

test("W9 a finished file that vanished is made again by a new unit with the same share", async () => {
  const run = await diedAtPublish(1);
  for (const name of Object.keys(await outputs()))
    rmSync(shared.installation.outputPath(shared.keyspace, name));
  const shares: (readonly [number, number])[] = [];
  await survivor().work(run, ({ key, task }) => shares.push([key.unit, task.unit]));
  expect(shares.sort(([a], [b]) => a - b)).toEqual([
    [2, 0],
    [3, 1],
  ]);
  expect(await outputs()).toEqual(BOTH);
  const record = await fileNode(run);
  expect(record.lost).toHaveLength(2);
  const manifest = await shared.installation.store.manifest(
    run.incarnation,
    record.manifest as string,
  );
  expect(manifest.batches.map(({ batch }) => batch)).toEqual([0, 1]);
});

test("W8 a file that vanishes again and again fails its node", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  await expect(
    (async () => {
      for (let [claim] = await process.control.claimNext([run]); claim !== undefined;) {
        const outcome = await process.execute(claim);
        if (outcome.output !== undefined) await shared.installation.files.discard(outcome.output);
        await process.control.commit(claim, outcome);
        [claim] = await process.control.claimNext([run]);
      }
    })(),
  ).resolves.toBeUndefined();
  expect(await fileNode(run)).toMatchObject({ state: "fail", cause: { code: "UNIT_ATTEMPTS" } });
  expect((await fileNode(run)).lost).toHaveLength(10);
});

test("W9 a newer run that owns one of the paths keeps all of them, and nothing is left behind", async () => {
  const run = await diedAtPublish(1);
  const newer = await shared.installation.start(script, { keyspace: shared.keyspace });
  const url = shared.installation.outputPath(shared.keyspace, "F_00001.csv");
  const path = await shared.installation.files.resolve(url);
  const { incarnation } = run;
  await shared.installation.store.claimOutput({
    path,
    incarnation,
    run: newer.run,
    token: "newer",
  });
  await survivor().work(run);
  expect(await fileNode(run)).toMatchObject({ state: "fail", cause: { code: "OUTPUT_CONFLICT" } });
  expect(await outputs()).toEqual({});
});

test("W1 W9 a run stopped before publication publishes nothing and leaves no temporary file", async () => {
  const run = await diedAtPublish(1);
  await survivor().control.stop(run.incarnation, run.run, "no");
  expect(await fileNode(run)).toMatchObject({ state: "stopreceived" });
  expect(await outputs()).toEqual({});
});

test("W7 a process without its lease publishes nothing, another one does", async () => {
  const run = await diedAtPublish(1);
  const frozen = openProcess(shared.installation, { session: "frozen", holdsLease: () => false });
  await expect(frozen.control.advance(run.incarnation, run.run)).rejects.toMatchObject({
    code: "LEASE_LOST",
  });
  expect(await fileNode(run)).toMatchObject({ state: "publishing" });
  await survivor().work(run);
  expect(await outputs()).toEqual(BOTH);
});

test("a target that cannot be written fails the node, not the store", async () => {
  const run = await diedAtPublish(1);
  mkdirSync(shared.installation.outputPath(shared.keyspace, "F_00000.csv"));
  writeFileSync(shared.installation.outputPath(shared.keyspace, "F_00000.csv/full"), "");
  await survivor().work(run);
  const { state, cause } = await fileNode(run);
  expect(state).toBe("fail");
  expect(cause?.code).not.toBe("INTERNAL");
  expect(Object.keys(await outputs().catch(() => ({})))).toEqual([]);
});

test("W11 a failed node leaves no file of any of its batches", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  for (let [claim] = await process.control.claimNext([run]); claim !== undefined;) {
    if (claim.key.node === "F" && claim.key.unit === 1)
      await process.control.fail(claim, new Fault("EXPRESSION_ROW", "bad"));
    else await process.control.commit(claim, await process.execute(claim));
    [claim] = await process.control.claimNext([run]);
  }
  expect(await fileNode(run)).toMatchObject({ state: "fail" });
  expect(await outputs()).toEqual({});
});

test("W11 W12 the temporary file of an attempt that was taken over goes with the success", async () => {
  const run = await start();
  const first = openProcess(shared.installation, { session: "dying" });
  const [claim] = (await first.control.claimNext([run])) as [Claim];
  await first.control.commit(claim, await first.execute(claim));
  const [late] = (await first.control.claimNext([run])) as [Claim];
  const outcome = await first.execute(late);
  await survivor().work(run);
  expect(await outputs()).toEqual(BOTH);
  const again = await first.execute(late);
  expect(await first.control.commit(late, again)).toBe("refused");
  expect(await outputs()).toEqual(BOTH);
  expect(outcome.output?.token).toBe(late.token);
});
