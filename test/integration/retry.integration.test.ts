import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunReport } from "#pkg/operator";
import { cli, type Ended } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { STOCK, tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";

const BAD = STOCK.replace("B-2,4", "B-2,x");

const fileOf = (tiny: Tiny, at: number): string =>
  join(tiny.folder, "in", at === 0 ? "stock.csv" : `stock_${at}.csv`);

const place = (tiny: Tiny): readonly string[] => ["--keyspace", "tiny", "--data", tiny.data];

const retry = (tiny: Tiny, ...flags: readonly string[]): Promise<Ended> =>
  cli(["retry", ...place(tiny), ...flags]);

async function report(tiny: Tiny, run?: number): Promise<RunReport> {
  const which = run === undefined ? [] : ["--run", String(run)];
  const { stdout } = await cli(["status", ...place(tiny), "--json", ...which]);
  return JSON.parse(stdout) as RunReport;
}

/** Batches of the reader that the run executed itself. */
const executed = ({ nodes }: RunReport): readonly number[] =>
  (nodes[0]?.batches ?? []).filter(({ from }) => from === null).map(({ batch }) => batch);

test("T-01, T-03: of 100 batches 3 fail, the retry executes exactly those, the next one what still failed", async () => {
  const tiny = tinyPipeline(temporaryFolder("t01"), { files: 100 });
  for (const at of [3, 50, 97]) writeFileSync(fileOf(tiny, at), BAD);
  expect((await cli(tiny.run)).code).toBe(1);
  for (const at of [3, 50]) writeFileSync(fileOf(tiny, at), STOCK);
  const changed = await retry(tiny);
  expect(changed.code, changed.stderr).toBe(2);
  expect(changed.stderr).toContain("stock_3.csv is not what it was");
  const second = await retry(tiny, "--changed-files");
  expect(second.code, second.stderr).toBe(1);
  expect(executed(await report(tiny, 2))).toEqual([3, 50, 97]);
  expect((await report(tiny, 2)).outcome).toBe("failed");
  writeFileSync(fileOf(tiny, 97), STOCK);
  const third = await retry(tiny, "--changed-files");
  expect(third.code, third.stderr).toBe(0);
  expect(executed(await report(tiny, 3))).toEqual([97]);
  const fresh = tinyPipeline(temporaryFolder("t01-fresh"), { files: 100 });
  expect((await cli(fresh.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(fresh.out));
  expect(await report(tiny, 1)).toMatchObject({ state: "complete", outcome: "failed" });
});

test("P6: a pattern is frozen as the files it stood for, also for a retry with a corrected script; plan and explain show them", async () => {
  const tiny = tinyPipeline(temporaryFolder("pattern"), { files: 3 });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as {
    nodes: { read_stock: { desc?: string; r: { urls: string[] } } };
  };
  script.nodes.read_stock.r.urls = [join(tiny.folder, "in", "stock*.csv")];
  writeFileSync(tiny.script, JSON.stringify(script));
  writeFileSync(fileOf(tiny, 1), BAD);
  const planned = await cli(["plan", tiny.script, ...place(tiny)]);
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout + planned.stderr).not.toContain("missing");
  const explained = await cli(["explain", tiny.script, "--json"]);
  expect(explained.stdout).toContain(`"url":"${fileOf(tiny, 2)}"`);
  expect((await cli(tiny.run)).code).toBe(1);

  // Between the first and the second one.
  writeFileSync(join(tiny.folder, "in", "stock_0.csv"), STOCK);
  writeFileSync(fileOf(tiny, 1), STOCK);
  script.nodes.read_stock.desc = "corrected";
  writeFileSync(tiny.script, JSON.stringify(script));
  const retried = await retry(tiny, "--changed-files", "--script", tiny.script);
  expect(retried.code, retried.stderr).toBe(0);
  expect(executed(await report(tiny, 2))).toEqual([1]);
  const fresh = tinyPipeline(temporaryFolder("pattern-fresh"), { files: 3 });
  expect((await cli(fresh.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(fresh.out));
  // A run of its own takes what is there now.
  expect((await cli(tiny.run)).code).toBe(0);
  expect(executed(await report(tiny, 3))).toHaveLength(4);
});

test("T-03: a batch that fails in a leaf makes the exit code and the state a failure", async () => {
  const tiny = tinyPipeline(temporaryFolder("t03"));
  const script = readFileSync(tiny.script, "utf8");
  writeFileSync(tiny.script, script.replace('"r.double"', '"r.double / (r.double - 8)"'));
  expect((await cli(tiny.run)).code).toBe(1);
  expect(await report(tiny)).toMatchObject({ outcome: "partly" });
  expect((await retry(tiny)).code).toBe(1);
});

test("T-04: nothing to do says so, makes no run and exits with 0", async () => {
  const tiny = tinyPipeline(temporaryFolder("t04"));
  expect((await cli(tiny.run)).code).toBe(0);
  const plan = await cli(["plan", ...place(tiny), "--missing", "--json"]);
  expect(plan.code).toBe(0);
  expect(JSON.parse(plan.stdout)).toMatchObject({ nothingToDo: true, refusals: [] });
  const ended = await retry(tiny);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain("nothing to do");
  expect((await report(tiny)).run).toBe(1);
});

test("T-02, T-13: a retry with a corrected script keeps parameters and upstream results, and records the difference", async () => {
  const tiny = tinyPipeline(temporaryFolder("t13"), { target: "{day}.csv" });
  const script = readFileSync(tiny.script, "utf8");
  writeFileSync(tiny.script, script.replace('"r.double"', '"r.double / (r.double - 8)"'));
  expect((await cli([...tiny.run, "--param", "day=monday"])).code).toBe(1);
  writeFileSync(join(tiny.folder, "fixed.json"), script);
  const typed = ["retry", ...place(tiny), "--script", "fixed.json"];
  const ended = await cli(typed, { cwd: tiny.folder });
  expect(ended.code, ended.stderr).toBe(0);
  const { nodes, retry: origin } = await report(tiny);
  expect(nodes.map(({ node, adopted }) => [node, adopted])).toEqual([
    ["read_stock", 1],
    ["write_stock", null],
  ]);
  expect(origin).toMatchObject({ of: 1 });
  expect(origin?.diff).toContain('"r.double"');
  expect(Object.keys(contentsOf(tiny.out))).toEqual(["monday.csv"]);
  const runs = await cli(["runs", "--data", tiny.data, "--json"]);
  expect((JSON.parse(runs.stdout) as { script: string }[]).map(({ script: url }) => url)).toEqual([
    tiny.script,
    "fixed.json",
  ]);
});

test("T-02: a retry next week uses the parameters of the run, not a file that was edited since", async () => {
  const tiny = tinyPipeline(temporaryFolder("t02"), { target: "{day}.csv" });
  const script = readFileSync(tiny.script, "utf8");
  writeFileSync(tiny.script, script.replace('"r.double"', '"r.double / (r.double - 8)"'));
  const parameters = join(tiny.folder, "params.json");
  writeFileSync(parameters, JSON.stringify({ day: "monday" }));
  expect((await cli([...tiny.run, "--params", parameters])).code).toBe(1);
  writeFileSync(parameters, JSON.stringify({ day: "tuesday" }));
  const fixed = join(tiny.folder, "fixed.json");
  writeFileSync(fixed, script);
  const ended = await retry(tiny, "--script", fixed);
  expect(ended.code, ended.stderr).toBe(0);
  expect(Object.keys(contentsOf(tiny.out))).toEqual(["monday.csv"]);
  rmSync(parameters);
  expect((await retry(tiny, "--all")).code).toBe(0);
  expect(Object.keys(contentsOf(tiny.out))).toEqual(["monday.csv"]);
});

test("T-05: one node is executed again, its neighbours keep their batches; a changed one is refused with its place", async () => {
  const tiny = tinyPipeline(temporaryFolder("t05"), { files: 3 });
  expect((await cli(tiny.run)).code).toBe(0);
  const before = contentsOf(tiny.out);
  expect((await retry(tiny, "--node", "write_stock")).code).toBe(0);
  const { nodes } = await report(tiny);
  expect(nodes[0]).toMatchObject({ node: "read_stock", adopted: 1 });
  expect(contentsOf(tiny.out)).toEqual(before);
  const changed = join(tiny.folder, "changed.json");
  writeFileSync(
    changed,
    readFileSync(tiny.script, "utf8").replace("r.col_qty * 2", "r.col_qty * 3"),
  );
  const refused = await retry(tiny, "--script", changed);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("writer.fields.double.expression");
  expect((await retry(tiny, "--script", changed, "--node", "read_stock", "--below")).code).toBe(0);
  expect(contentsOf(tiny.out)).not.toEqual(before);
});

test("a stopped run is finished by a retry, an invalidated one gives nothing; wrong wishes say what to ask for", async () => {
  const tiny = tinyPipeline(temporaryFolder("retry-stopped"));
  expect((await cli(tiny.run)).code).toBe(0);
  expect((await cli(["stop_run", ...place(tiny), "-run_id=1", "-comment=wrong"])).code).toBe(0);
  const refused = await retry(tiny);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("invalidated: wrong");
  expect((await retry(tiny, "--all")).code).toBe(0);
  const wishes: readonly (readonly [readonly string[], string])[] = [
    [["--node", "read_stok"], 'Did you mean "read_stock"?'],
    [["--all", "--failed"], "exclude each other"],
    [["--below"], "--below needs --node"],
    [["--node", "read_stock", "--batches", "one"], "numbers separated by commas"],
    [["--node", "read_stock", "--batches", "7"], "has no batch 7"],
    [["--run", "9"], "has no run 9"],
  ];
  for (const [flags, mention] of wishes) {
    const ended = await retry(tiny, ...flags);
    expect(ended.code, flags.join(" ")).toBe(2);
    expect(ended.stderr).toContain(mention);
  }
});

test("doctor finds nothing in a healthy folder, also after a retry", async () => {
  const tiny = tinyPipeline(temporaryFolder("doctor"));
  expect((await cli(tiny.run)).code).toBe(0);
  expect((await cli(["doctor", "--data", tiny.data])).code).toBe(0);
  expect((await retry(tiny, "--all")).code).toBe(0);
  const { code, stdout } = await cli(["doctor", "--data", tiny.data, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
});
