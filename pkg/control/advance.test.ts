import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { NodeRecord, RunRecord } from "#pkg/workflow";
import {
  aDistinct,
  aFileTable,
  aLookup,
  aScript,
  aTableFile,
} from "../workflow/test-support/build.ts";
import { openInstallation, type Installation } from "./test-support/installation.ts";
import { openProcess } from "./test-support/processes.ts";

let installation: Installation;
let count = 0;
let keyspace = "";

beforeAll(async () => {
  installation = await openInstallation();
});
afterAll(() => installation[Symbol.asyncDispose]());
beforeEach(() => {
  keyspace = `ks${(count += 1)}`;
});

const script = aScript([
  aFileTable("orders", { reader: { ...aFileTable("x").reader, urls: ["/in/a.csv", "/in/b.csv"] } }),
  aDistinct("days", "orders"),
  aLookup("join", { left: "orders", right: "days" }),
  aTableFile("file", "join"),
]);

const nodesOf = ({ incarnation, run }: RunRecord): Promise<readonly NodeRecord[]> =>
  installation.store.nodes(incarnation, run);

const statesOf = async (run: RunRecord): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await nodesOf(run)).map(({ node, state }) => [node, state]));

const runOf = async ({ incarnation, run }: RunRecord): Promise<RunRecord> =>
  (await installation.store.run(incarnation, run)) as RunRecord;

test("a run goes from its inputs to its published files", async () => {
  const run = await installation.start(script, { keyspace });
  await openProcess(installation, { session: "s1" }).work(run);
  expect(await statesOf(run)).toEqual({
    orders: "success",
    days: "success",
    join: "success",
    file: "success",
  });
  expect(await runOf(run)).toMatchObject({ state: "complete", outcome: "succeeded" });
  expect(await installation.outputs(keyspace)).toEqual({ "file_00000.csv": "file 0\n" });
});
