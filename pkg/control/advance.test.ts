import { expect, test } from "vitest";
import type { RunRecord } from "#pkg/workflow";
import {
  aDistinct,
  aFileTable,
  aLookup,
  aScript,
  aTableFile,
} from "../workflow/test-support/build.ts";
import { openProcess } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();
const { nodesOf, runOf } = shared;

const script = aScript([
  aFileTable("orders", { reader: { ...aFileTable("x").reader, urls: ["/in/a.csv", "/in/b.csv"] } }),
  aDistinct("days", "orders"),
  aLookup("join", { left: "orders", right: "days" }),
  aTableFile("file", "join"),
]);

const statesOf = async (run: RunRecord): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await nodesOf(run)).map(({ node, state }) => [node, state]));

test("a run goes from its inputs to its published files", async () => {
  const run = await shared.installation.start(script, { keyspace: shared.keyspace });
  await openProcess(shared.installation, { session: "s1" }).work(run);
  expect(await statesOf(run)).toEqual({
    orders: "success",
    days: "success",
    join: "success",
    file: "success",
  });
  expect(await runOf(run)).toMatchObject({ state: "complete", outcome: "succeeded" });
  expect(await shared.installation.outputs(shared.keyspace)).toEqual({
    "file_00000.csv": "file 0\n",
  });
});
