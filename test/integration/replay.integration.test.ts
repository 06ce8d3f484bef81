import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { statusOf } from "../support/run-status.ts";
import { STOCK, tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";

const BAD = STOCK.replace("B-2,4", "B-2,x");

function rejecting(name: string, settings: object = {}, files = 1): Tiny {
  const tiny = tinyPipeline(temporaryFolder(name), { csv: BAD, files });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as { nodes: Record<string, object> };
  Object.assign(script.nodes["read_stock"] as object, { on_error: "reject", ...settings });
  writeFileSync(tiny.script, JSON.stringify(script));
  return tiny;
}

const call = ({ data }: Tiny, command: string, ...more: readonly string[]) =>
  cli([command, ...more, "--keyspace", "tiny", "--data", data]);

/** Corrects the rows of an export as an editor would. */
async function correct(tiny: Tiny, edit: (csv: string) => string, ...more: readonly string[]) {
  const { stdout } = await call(tiny, "rejected", "--csv", ...more);
  const file = join(tiny.folder, "edited.csv");
  writeFileSync(file, edit(stdout));
  return call(tiny, "correct", file, ...more);
}

test("a replay of corrected rows gives the files that a good input would have given", async () => {
  const tiny = rejecting("replay", {}, 3);
  expect((await cli(tiny.run)).code).toBe(0);
  const done = await correct(tiny, (csv) => csv.replaceAll(/,x,(?=[^,]*\n)/g, ",4,"), "--json");
  expect(done.code, done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toEqual({ run: 1, corrected: 3, waived: 0, unchanged: 0 });
  const again = await call(tiny, "replay", "--plan");
  expect(again.stdout).toContain("read_stock");
  const replay = await call(tiny, "replay");
  expect(replay.code, replay.stderr).toBe(0);
  const quiet = tinyPipeline(temporaryFolder("replay-good"), { files: 3 });
  expect((await cli(quiet.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(quiet.out));
  const status = await statusOf(tiny.data, "tiny");
  expect(status?.nodes[0]?.rows).toMatchObject({ read: 9, written: 9, rejected: 0, corrected: 3 });
  expect((await call(tiny, "replay")).stderr).toContain("nothing to replay");
});

test("only batches with decided rows are executed again, and what was decided before stays decided", async () => {
  const tiny = rejecting("replay-some", { max_rejected: 9 }, 3);
  expect((await cli(tiny.run)).code).toBe(0);
  const waived = await call(tiny, "waive", "--file", "stock_1.csv", "--comment", "test rows");
  expect(waived.stderr).toBe("run 1: 1 row waived\n");
  const first = await call(tiny, "replay", "--json");
  expect(first.code, first.stderr).toBe(0);
  const status = await statusOf(tiny.data, "tiny");
  expect(status?.nodes[0]?.rows).toMatchObject({ read: 9, written: 6, rejected: 2, waived: 1 });
  expect((await call(tiny, "waive", "--all")).stderr).toBe("run 2: 2 rows waived\n");
  expect((await call(tiny, "replay")).code).toBe(0);
  const last = await statusOf(tiny.data, "tiny");
  expect(last?.nodes[0]?.rows).toMatchObject({ written: 6, rejected: 0, waived: 3 });
});

test("a node that failed for too many rejected rows succeeds once enough of them are waived", async () => {
  const tiny = rejecting("replay-limit", { max_rejected: 1 }, 2);
  expect((await cli([...tiny.run, "--threads", "1"])).code).toBe(1);
  expect((await call(tiny, "waive", "--reason", "CELL_INVALID")).code).toBe(0);
  const replay = await call(tiny, "replay");
  expect(replay.code, replay.stderr).toBe(0);
  const status = await statusOf(tiny.data, "tiny");
  expect(status?.nodes[0]?.rows).toMatchObject({ read: 6, written: 4, rejected: 0, waived: 2 });
});

test("corrections of rows that do not exist, of other runs or with bad texts are refused as a whole", async () => {
  const tiny = rejecting("replay-refused");
  expect((await cli(tiny.run)).code).toBe(0);
  const edits: readonly [string, (csv: string) => string][] = [
    ["CORRECTION_MISSING", (csv) => csv.replace(",3,", ",4,")],
    ["CORRECTION_MISSING", (csv) => csv.replace("read_stock", "read_stocks")],
    ["CORRECTION_INVALID", (csv) => csv.replaceAll(/,x,(?=[^,]*\n)/g, ",y,")],
    ["CORRECTION_INVALID", (csv) => csv.replace("input", "inputs")],
  ];
  for (const [code, edit] of edits) {
    const refused = await correct(tiny, edit);
    expect([refused.code, refused.stderr], code).toEqual([2, expect.stringContaining(code)]);
  }
  expect((await call(tiny, "replay")).stderr).toContain("nothing to replay");
  const nothing = await call(tiny, "waive");
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("USAGE")]);
  const missing = await call(tiny, "correct", join(tiny.folder, "no.csv"));
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("it does not exist")]);
});

test("a file that changed since its rows were corrected is not read by the replay", async () => {
  const tiny = rejecting("replay-changed");
  expect((await cli(tiny.run)).code).toBe(0);
  expect((await correct(tiny, (csv) => csv.replaceAll(/,x,(?=[^,]*\n)/g, ",4,"))).code).toBe(0);
  writeFileSync(join(tiny.folder, "in", "stock.csv"), STOCK);
  const replay = await call(tiny, "replay");
  expect(replay.code).not.toBe(0);
  expect(replay.stderr).toContain("stock.csv");
});

test("a retry applies no decision but says so, and the decisions can be replayed after it", async () => {
  const tiny = rejecting("replay-after-retry", {}, 2);
  expect((await cli(tiny.run)).code).toBe(0);
  expect((await correct(tiny, (csv) => csv.replaceAll(/,x,(?=[^,]*\n)/g, ",4,"))).code).toBe(0);
  const plan = await call(tiny, "plan", "--all");
  expect(plan.stdout).toContain("not applied by a retry: corrections of rejected rows\n");
  expect(plan.stdout).toContain("capitoolbelt replay --keyspace tiny --run 1 applies them");
  const json = JSON.parse((await call(tiny, "plan", "--all", "--json")).stdout) as object;
  expect(json).toMatchObject({ decided: { corrected: 2, waived: 0 } });
  const retried = await call(tiny, "retry", "--all");
  expect(retried.code, retried.stderr).toBe(0);
  expect((await statusOf(tiny.data, "tiny"))?.nodes[0]?.rows).toMatchObject({ rejected: 2 });
  const replayPlan = await call(tiny, "replay", "--plan");
  expect(replayPlan.stderr).toBe("to be applied: 2 corrected rows\n");
  expect(replayPlan.stdout).not.toContain("not applied");
  const replay = await call(tiny, "replay");
  expect(replay.stderr).toContain("applied: 2 corrected rows\n");
  const status = await statusOf(tiny.data, "tiny");
  expect(status).toMatchObject({ run: 3 });
  expect(status?.nodes[0]?.rows).toMatchObject({ written: 6, rejected: 0, corrected: 2 });
  expect((await call(tiny, "replay")).stderr).toContain("nothing to replay");
  const quiet = await call(tiny, "retry", "--node", "write_stock");
  expect(quiet.stderr).not.toContain("not applied");
});

test("what was corrected again in a later run is not undone by the next replay", async () => {
  const tiny = tinyPipeline(temporaryFolder("replay-again"), {
    csv: BAD,
    files: 2,
    double: "100 / r.col_qty",
  });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as { nodes: Record<string, object> };
  Object.assign(script.nodes["read_stock"] as object, { on_error: "reject" });
  writeFileSync(tiny.script, JSON.stringify(script));
  expect((await cli(tiny.run)).code).toBe(0);
  /** Of the rejected rows of the newest run the one of the file. */
  const correctTo = async (file: string, from: string, to: string): Promise<void> => {
    const done = await correct(tiny, (csv) => {
      const [header = "", ...lines] = csv.trimEnd().split("\n");
      const line = lines.find((each) => each.includes(file)) ?? "";
      return `${header}\n${line.replace(`,${from},2.25`, `,${to},2.25`)}\n`;
    });
    expect(done.code, done.stderr).toBe(0);
    expect((await call(tiny, "replay")).code).toBe(0);
  };
  await correctTo("stock.csv", "x", "0");
  await correctTo("stock.csv", "0", "4");
  await correctTo("stock_1.csv", "x", "4");
  const quiet = tinyPipeline(temporaryFolder("replay-again-good"), {
    files: 2,
    double: "100 / r.col_qty",
  });
  expect((await cli(quiet.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(quiet.out));
  expect((await call(tiny, "replay")).stderr).toContain("nothing to replay");
});

test("a line that is no JSON at all is typed in by hand; texts for what a node does not read are refused", async () => {
  const folder = temporaryFolder("replay-ndjson");
  const tiny = tinyPipeline(folder);
  const input = join(folder, "in", "stock.ndjson");
  const lines = ['{"sku":"A-1","qty":3}', "{no json", '{"sku":"C-3","qty":5}'];
  writeFileSync(input, `${lines.join("\n")}\n`);
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as { nodes: Record<string, object> };
  const columnOf = (name: string, type: string) => ({
    ndjson: { col_name: name },
    col_type: type,
  });
  const fieldOf = (expression: string, type: string) => ({ expression, type });
  script.nodes["read_stock"] = {
    type: "file_table",
    on_error: "reject",
    r: {
      urls: [input],
      columns: { col_sku: columnOf("sku", "string"), col_qty: columnOf("qty", "int") },
    },
    w: {
      name: "raw",
      fields: { sku: fieldOf("r.col_sku", "string"), qty: fieldOf("r.col_qty", "int") },
    },
  };
  script.nodes["double"] = {
    type: "table_table",
    on_error: "reject",
    r: { table: "raw" },
    w: {
      name: "stock",
      fields: {
        sku: fieldOf('"fixed"', "string"),
        double: fieldOf("10 / (r.qty - 3)", "int"),
        price: fieldOf("decimal2(1)", "decimal2"),
      },
    },
  };
  writeFileSync(tiny.script, JSON.stringify(script));
  expect((await cli(tiny.run)).code).toBe(0);
  const typed = await correct(tiny, (csv) =>
    csv
      .split("\n")
      .filter((line) => !line.startsWith("double,"))
      .map((line) => (line.startsWith("read_stock,") ? line.replace(/,,(,*)$/, ",B-2,4$1") : line))
      .join("\n"),
  );
  expect(typed.stderr, typed.stderr).toContain("1 row corrected");
  const replay = await call(tiny, "replay");
  expect(replay.code, replay.stderr).toBe(0);
  expect(replay.stderr).toMatch(/read_stock +success +3 +3 +0/);
  const header = (csv: string): readonly string[] => (csv.split("\n")[0] ?? "").split(",");
  const refused = await correct(tiny, (csv) => {
    const at = header(csv).indexOf("r.sku");
    const [first = "", second = ""] = csv.split("\n");
    const cells = second.split(",");
    cells[at] = "B-9";
    return `${first}\n${cells.join(",")}\n`;
  });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('line 2, r.sku: node "double" does not read it');
});
