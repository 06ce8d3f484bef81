/* eslint-disable unicorn/no-thenable -- `then` is a key of the script language */
import { expect, test } from "vitest";
import type { RunSummary } from "#pkg/store";
import type { CheckResult } from "#pkg/workflow";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES: Types = { id: "int", price: "decimal2" };
const INPUT = "id,price\n1,1.50\n2,2.25\n3,0\n";

async function results(
  checks: readonly object[],
  options: RunOptions = {},
  input = INPUT,
): Promise<readonly CheckResult[]> {
  const run = new ScriptRun({ "in/a.csv": input }, options);
  const { read_rows: node } = fileTable("rows", ["in/a.csv"], TYPES) as { read_rows: object };
  await run.run({ read_rows: { ...node, checks } });
  return run.outcomes.get("read_rows/check/0")?.checks ?? [];
}

const summary = (rows: number, changes: Partial<RunSummary> = {}): RunSummary => ({
  scriptName: "",
  scriptHash: "",
  keyspace: "daily",
  incarnation: "other",
  run: 7,
  outcome: "succeeded",
  startedAt: 1,
  endedAt: 2,
  nodes: [{ node: "read_rows", state: "success", rows, elapsedMs: 1 }],
  ...changes,
});

test("rows are compared with bounds", async () => {
  const checks = [
    { rows: { min: 3 }, then: "fail", desc: "not empty" },
    { rows: { min: 1, max: 2 }, then: "warn" },
  ];
  expect(await results(checks)).toEqual([
    {
      check: "at least 3 rows",
      description: "not empty",
      severity: "fail",
      outcome: "passed",
      found: "3 rows",
    },
    {
      check: "at least 1 row, at most 2 rows",
      description: "",
      severity: "warn",
      outcome: "failed",
      found: "3 rows",
    },
  ]);
});

test("expressions are evaluated over the whole table, whatever its chunks", async () => {
  const checks = [
    { expression: "sum(w.price) == 3.75 && max(w.id) == 3", then: "fail" },
    { expression: "min(w.price) > 0.0", then: "warn" },
  ];
  for (const options of [{}, { constants: { chunkRows: 1 } }])
    expect(await results(checks, options)).toMatchObject([
      { outcome: "passed", found: "sum(w.price) = 3.75, max(w.id) = 3" },
      { outcome: "failed", found: "min(w.price) = 0" },
    ]);
  const empty = await results([{ expression: "count() > 0", then: "fail" }], {}, "id,price\n");
  expect(empty).toMatchObject([{ outcome: "failed", found: "count() = 0" }]);
});

test("an expression that cannot be evaluated does not hold", async () => {
  const checks = [
    { expression: "sum(6 / (w.id - 1)) > 0", then: "fail" },
    { expression: "6 / (count() - 3) > 0", then: "warn" },
  ];
  expect(await results(checks)).toMatchObject([
    { outcome: "failed", found: expect.stringContaining("division by zero") as string },
    { outcome: "failed", found: expect.stringContaining("division by zero") as string },
  ]);
});

test("rows are compared with the newest run that succeeded; this run and runs without the node do not count", async () => {
  const checks = [{ last_good: { rows_change_percent: 50 }, then: "fail" }];
  const compare = async (...summaries: readonly RunSummary[]) =>
    (await results(checks, { summaries })).map(({ outcome, found }) => `${outcome}: ${found}`);
  expect(await compare()).toEqual(["skipped: no earlier good run"]);
  const others = [
    summary(1, { incarnation: "inc", run: 1 }),
    summary(1, { outcome: "partly" }),
    summary(1, { nodes: [] }),
  ];
  expect(await compare(...others)).toEqual(["skipped: no earlier good run"]);
  expect(await compare(...others, summary(2), summary(100))).toEqual([
    "passed: 3 rows, 2 in run 7 of keyspace daily (+50 %)",
  ]);
  expect(await compare(summary(7))).toEqual([
    "failed: 3 rows, 7 in run 7 of keyspace daily (-57.1 %)",
  ]);
  expect(await compare(summary(0))).toEqual([
    "failed: 3 rows, 0 in run 7 of keyspace daily (+∞ %)",
  ]);
  expect(await compare(summary(3))).toEqual(["passed: 3 rows, 3 in run 7 of keyspace daily (0 %)"]);
});

test("a script of the same file name in another folder is another one unless most of its nodes are the same", async () => {
  const checks = [{ last_good: { rows_change_percent: 50 }, then: "fail" }];
  const record = { scriptUrl: "s.json", folder: "/a", affected: ["read_rows"] } as never;
  const found = async (...summaries: readonly RunSummary[]) =>
    (await results(checks, { summaries, record })).map(({ found: text }) => text);
  const other = { node: "other", state: "none", rows: 0, elapsedMs: 0 };
  const nodes = [...summary(1).nodes, other, { ...other, node: "third" }];
  const stranger = summary(1, { scriptUrl: "/b/s.json", nodes });
  expect(await found(stranger)).toEqual(["no earlier good run"]);
  for (const known of [
    { ...stranger, scriptUrl: "/a/s.json" },
    { ...stranger, nodes: summary(1).nodes },
  ])
    expect(await found(stranger, known)).toEqual(["3 rows, 1 in run 7 of keyspace daily (+200 %)"]);
});

test("rows of a file are counted too", async () => {
  const run = new ScriptRun({ "in/a.csv": INPUT });
  const [[name, node]] = Object.entries(tableFile("rows", TYPES)) as [[string, object]];
  const checks = [{ rows: { min: 3, max: 3 }, then: "fail" }];
  await run.run({ ...fileTable("rows", ["in/a.csv"], TYPES), [name]: { ...node, checks } });
  expect(run.outcomes.get("write_rows/check/0")?.checks).toMatchObject([{ outcome: "passed" }]);
});
