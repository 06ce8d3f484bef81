import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, root, type Ended } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";

/**
 * What the build of 24 November 2026 (commit 3b72324, the first one that ran scripts) left behind in /shop: keyspace kept, whose run
 * succeeded, and keyspace failed, in which one file of two had a bad cell. Format 1 is still the newest; whoever raises it decides here
 * what becomes of such folders.
 */
const OLDER = join(root, "test", "data-folders", "format-1.tgz");

function olderFolder(name: string): { readonly folder: string; readonly data: string } {
  const folder = temporaryFolder(name);
  const unpacked = spawnSync("tar", ["-xzf", OLDER, "-C", folder], { encoding: "utf8" });
  expect(unpacked.status, unpacked.stderr).toBe(0);
  return { folder, data: join(folder, "data") };
}

async function ok(...args: readonly string[]): Promise<Ended> {
  const ended = await cli(args);
  expect(ended.code, `${args.join(" ")}: ${ended.stderr}`).toBe(0);
  return ended;
}

test("a data folder of an older version is read, looked at and gone on with as it is", async () => {
  const { folder, data } = olderFolder("older");
  const kept = ["--keyspace", "kept", "--data", data];
  const runs = JSON.parse((await ok("runs", "--data", data, "--json")).stdout) as object[];
  expect(runs).toMatchObject([
    { keyspace: "failed", run: 1, state: "complete", outcome: "failed" },
    { keyspace: "kept", run: 1, state: "complete", outcome: "succeeded" },
  ]);
  expect((await ok("status", ...kept)).stdout).toContain("run 1 of keyspace kept: succeeded");
  expect((await ok("doctor", "--data", data)).stderr).toContain("nothing is wrong");
  const rows = "sku,double,price\nA-1,6,1.5\nB-2,8,2.25\nC-3,10,10\nD-4,12,1\n";
  expect((await ok("preview", "stock", ...kept)).stdout).toBe(rows);
  expect((await ok("rejected", ...kept)).stderr).toBe("no rejected rows\n");
  const history = await ok("get_batch_history", "-keyspace=kept", "-run_ids=1", "--data", data);
  expect(history.stdout.trimEnd().split("\n")).toHaveLength(1 + 2 * 3);
  const table = "sku,double,price\nA-1,6,1.50\nB-2,8,2.25\nC-3,10,10.00\nD-4,12,1.00\n";
  // A new run in the same keyspace takes the older run's table.
  const tiny = tinyPipeline(folder);
  const script = readFileSync(tiny.script, "utf8");
  writeFileSync(tiny.script, script.replace('"r.col_qty * 2"', '"r.col_qty * 20"'));
  await ok("run", tiny.script, ...kept, "--start", "write_stock");
  expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toBe(table);
});

test("a run of an older version is retried: what it committed is taken over", async () => {
  const { folder, data } = olderFolder("older-retry");
  const failed = ["--keyspace", "failed", "--data", data];
  const plan = JSON.parse((await cli(["plan", ...failed, "--json"])).stdout) as {
    nodes: { node: string; action: string; adopted: number; units: object[] }[];
    refusals: object[];
  };
  expect(plan.nodes).toMatchObject([
    { node: "read_stock", action: "continue", adopted: 1, units: [{ phase: "rows", unit: 1 }] },
    { node: "write_stock", action: "execute" },
  ]);
  const tiny = tinyPipeline(folder);
  const whole = ["--script", tiny.script, "--node", "read_stock", "--below"];
  const ended = await ok("retry", ...failed, ...whole);
  expect(ended.stderr).toContain("run 2 of keyspace failed retries run 1");
  const table = "sku,double,price\nA-1,6,1.50\nB-2,8,2.25\nC-3,10,10.00\n";
  expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toBe(table);
  expect((await ok("doctor", "--data", data)).stderr).toContain("nothing is wrong");
});

test("a data folder of a newer version is refused by every command in one sentence with the way out, and left alone", async () => {
  const { folder, data } = olderFolder("newer");
  writeFileSync(join(data, "version"), "2\n");
  mkdirSync(join(folder, "in"), { recursive: true });
  const tiny = tinyPipeline(join(folder, "tiny"));
  const place = ["--data", data];
  for (const command of [
    ["run", tiny.script],
    ["status", "--keyspace", "kept"],
    ["runs"],
    ["resume"],
    ["retry", "--keyspace", "failed"],
    ["doctor"],
    ["doctor", "--fix"],
    ["drop", "--keyspace", "kept"],
  ]) {
    const { code, stdout, stderr } = await cli([...command, ...place]);
    expect(code, command.join(" ")).toBe(5);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      `error STORE_VERSION: a newer version wrote the data folder: it has format 2, this version knows formats up to 1: ${data}\n` +
        "  → Use the version of Capillaries that wrote this data folder, or another --data folder.\n",
    );
  }
  writeFileSync(join(data, "version"), "1\n");
  expect((await ok("runs", ...place, "--json")).stdout).toContain('"keyspace":"kept"');
});
