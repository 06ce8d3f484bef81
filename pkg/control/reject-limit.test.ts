import { expect, test } from "vitest";
import type { NodeRecord, RunRecord, UnitOutcome } from "#pkg/workflow";
import { aFileTable, anOutcome, aScript, aTableTable } from "../workflow/test-support/build.ts";
import { openProcess } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();

/** A reader of eight files that may reject five rows, and a node that reads what it writes. */
const start = (): Promise<RunRecord> => {
  const { reader } = aFileTable("A");
  const urls = Array.from({ length: 8 }, (_, at) => `/in/${at}.csv`);
  const rejects = { records: true, rows: true, max: 5 };
  const script = aScript([
    aFileTable("A", { reader: { ...reader, urls }, rejects }),
    aTableTable("B", "A"),
  ]);
  return shared.installation.start(script, { keyspace: shared.keyspace });
};

const rejecting = (rejected: number): UnitOutcome => ({
  ...anOutcome(1),
  counts: { read: 1 + rejected, written: 1, filtered: 0, rejected, duplicates: 0 },
});

const nodeOf = async ({ incarnation, run }: RunRecord, name: string): Promise<NodeRecord> =>
  (await shared.installation.store.nodes(incarnation, run)).find(
    ({ node }) => node === name,
  ) as NodeRecord;

const REJECTED_LIMIT = {
  state: "fail",
  cause: { code: "REJECTED_LIMIT", message: "node A: more than 5 rows were rejected" },
};

test("T-18 rejected rows are summed over all batches: the node fails with the batch that exceeds the limit", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  for (const rejected of [2, 2, 1]) {
    await process.control.commit(await process.claim(run), rejecting(rejected));
    expect((await nodeOf(run, "A")).state).toBe("running");
  }
  await process.control.commit(await process.claim(run), rejecting(1));
  expect(await nodeOf(run, "A")).toMatchObject(REJECTED_LIMIT);
  expect(await nodeOf(run, "B")).toMatchObject({ state: "skipped" });
  expect(await process.control.claimNext([run])).toEqual([]);
  expect(await shared.installation.store.run(run.incarnation, run.run)).toMatchObject({
    state: "complete",
    outcome: "failed",
  });
});

test("T-18 W11 batches in work end first, no other is begun, and what they commit is whole", async () => {
  const run = await start();
  const process = openProcess(shared.installation, { session: "s" });
  const first = await process.claim(run);
  const late = await process.claim(run);
  await process.control.commit(first, rejecting(6));
  expect((await nodeOf(run, "A")).state).toBe("running");
  expect(await process.control.claimNext([run])).toEqual([]);
  await process.control.commit(late, await process.execute(late));
  expect(await nodeOf(run, "A")).toMatchObject(REJECTED_LIMIT);
  const { incarnation, run: number } = run;
  const { key, token } = late;
  const place = { incarnation, run: number, node: "A", phase: "rows", unit: key.unit, token };
  await shared.installation.tables.read(place, { kind: "chunk", name: "", part: 0, seq: 0 });
});

test("T-18 a batch in work whose process died keeps nobody waiting", async () => {
  const run = await start();
  const zombie = openProcess(shared.installation, { session: "zombie" });
  await zombie.claim(run);
  const process = openProcess(shared.installation, { session: "s", dead: new Set(["zombie"]) });
  await process.control.commit(await process.claim(run), rejecting(6));
  expect(await nodeOf(run, "A")).toMatchObject(REJECTED_LIMIT);
});
