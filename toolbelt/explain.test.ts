/* eslint-disable unicorn/no-thenable -- `then` is a key of the script language */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { NodeExplanation } from "#pkg/operator";
import { until } from "../test/support/until.ts";
import { tinyPipeline } from "../test/support/tiny-pipeline.ts";
import { openConsole, type Console } from "./test-support/console.ts";

const example = join(import.meta.dirname, "..", "examples", "orders");
const params = [
  "--params",
  join(example, "params.json"),
  "--param",
  `dir_in=${join(example, "in")}`,
];
const script = join(example, "script.json");

function openPlace(): Console {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-explain-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return openConsole(folder);
}

describe("explain", () => {
  test("shows sources, lookups, types, indexes and order, before anything ran", async () => {
    const console = openPlace();
    expect(await console.run("explain", script, ...params), console.err()).toBe(0);
    for (const text of [
      "read_orders  file_table, line 3",
      "orders_1.csv (4,778 bytes)",
      "inner join with products of read_products by idx_products_sku on sku",
      "left join, grouped with items_priced of price_items",
      "plan    chosen when it starts",
      "batches 2, from the script",
      "margin decimal2 = r.net - l.cost * decimal2(r.qty)",
      "index   idx_products_sku unique(sku)",
      "order   total(desc),order_id",
      "limit   the first 20 rows",
      "No earlier run",
    ])
      expect(console.out()).toContain(text);
  });

  test("tells lookup plans, batches, rows and times from earlier runs", async () => {
    const console = openPlace();
    expect(await console.run("run", script, ...params, "--threads", "1"), console.err()).toBe(0);
    console.clear();
    expect(await console.run("explain", script, ...params, "--json")).toBe(0);
    const found = JSON.parse(console.out()) as { earlierRuns: number; nodes: NodeExplanation[] };
    expect(found.earlierRuns).toBe(1);
    const node = (name: string) => found.nodes.find((one) => one.node === name);
    expect(node("price_items")).toMatchObject({ lookup: { plan: "broadcast" }, rows: { runs: 1 } });
    expect(node("list_categories")).toMatchObject({ batches: 1, batchesFrom: "earlier runs" });
    expect(node("write_orders")).toMatchObject({
      batches: 1,
      batchesFrom: "script",
      source: { node: "total_orders" },
    });
    console.clear();
    const flags = ["--set", "broadcast_limit=0", "--node", "price_items", "--start", "read_items"];
    expect(await console.run("explain", script, ...params, ...flags)).toBe(0);
    expect(console.out()).toMatch(
      /^price_items .*\n.*\n[^]*plan +partitioned\n[^]*phases +shuffle \d+, join \d+, rows 2/,
    );
    expect(console.out()).toContain("one earlier run");
  }, 60_000);

  test("marks manual nodes, what is not started and files that cannot be read", async () => {
    const console = openPlace();
    const tiny = tinyPipeline(console.context.cwd, { manualWriter: true });
    rmSync(join(tiny.folder, "in", "stock.csv"));
    expect(await console.run("explain", tiny.script)).toBe(0);
    expect(console.out()).toContain("stock.csv (cannot be read)");
    expect(console.out()).toMatch(/write_stock {2}table_file, manual, line \d+, not started/);
  });

  test("tells which rows are set aside and what must hold in the end", async () => {
    const console = openPlace();
    const tiny = tinyPipeline(console.context.cwd);
    const given = JSON.parse(readFileSync(tiny.script, "utf8")) as {
      nodes: Record<string, object>;
    };
    const checks = [
      { rows: { min: 1, max: 9 }, then: "fail" },
      { expression: "count() > 0", then: "warn" },
      { last_good: { rows_change_percent: 10 }, then: "warn" },
    ];
    Object.assign(given.nodes["read_stock"] ?? {}, { checks, on_error: "reject", max_rejected: 3 });
    writeFileSync(tiny.script, JSON.stringify(given));
    expect(await console.run("explain", tiny.script), console.err()).toBe(0);
    for (const text of [
      "rejects records that cannot be read and rows whose expressions fail, at most 3",
      "check   at least 1 row, at most 9 rows, else fail",
      "check   count() > 0, else warn",
      "check   rows within 10 % of the last good run, else warn",
    ])
      expect(console.out()).toContain(text);
  });

  test("refuses nodes and folders that are not there", async () => {
    const console = openPlace();
    expect(await console.run("explain", script, ...params, "--node", "price_item")).toBe(2);
    expect(console.err()).toContain('Did you mean "price_items"?');
    expect(await console.run("explain", script, ...params, "--node", "zzzzzzzz")).toBe(2);
    expect(console.err()).toContain("Nodes are: read_orders");
    expect(await console.run("explain", script, ...params, "--data", "nowhere")).toBe(5);
  });
});

describe("check --watch", () => {
  test("checks after every change and ends with the code of the last check", async () => {
    const console = openPlace();
    const tiny = tinyPipeline(console.context.cwd);
    const text = readFileSync(tiny.script, "utf8");
    const said = (text: string): Promise<true> =>
      until(text, () => (console.err().includes(text) ? true : undefined));
    const code = console.run("check", tiny.script, "--watch");
    await said("watching");
    expect(console.out()).toContain("valid");
    writeFileSync(tiny.script, text.replace('"r.col_qty * 2"', '"r.col_qyt * 2"'));
    await said("col_qty?");
    rmSync(tiny.script);
    await said("cannot be read");
    console.clear();
    writeFileSync(tiny.script, text);
    await said("watching");
    console.interrupt();
    expect(await code).toBe(0);
  });
});

describe("suggestions", () => {
  const suggested = async (change: readonly [string, string]): Promise<string> => {
    const console = openPlace();
    const tiny = tinyPipeline(console.context.cwd);
    writeFileSync(tiny.script, readFileSync(tiny.script, "utf8").replace(...change));
    expect(await console.run("check", tiny.script)).toBe(2);
    return console.err();
  };
  const mistakes: readonly (readonly [string, readonly [string, string], string])[] = [
    ["a field", ['"r.col_qty * 2"', '"r.col_qyt * 2"'], "Did you mean col_qty?"],
    ["a function", ['"r.col_qty * 2"', '"int.ifi(true, 1, 2)"'], "Did you mean int.iif?"],
    ["a table", ['"table": "stock"', '"table": "stcok"'], "Did you mean stock"],
    ["a type", ['"type": "table_file"', '"type": "table_fiel"'], "table_file"],
  ];
  test.each(mistakes)("for %s", async (_, change, expected) => {
    expect(await suggested(change)).toContain(expected);
  });

  test("for keyspaces, tables, flags and commands", async () => {
    const console = openPlace();
    const tiny = tinyPipeline(console.context.cwd);
    expect(await console.run(...tiny.run, "--threads", "1")).toBe(0);
    const said = async (...args: readonly string[]): Promise<string> => {
      console.clear();
      expect(await console.run(...args)).toBe(2);
      return console.err();
    };
    expect(await said("status", "--keyspace", "tinny")).toContain('Did you mean "tiny"?');
    expect(await said("runs", "--keyspace", "tniy")).toContain('Did you mean "tiny"?');
    expect(await said("preview", "stok", "--keyspace", "tiny")).toContain('Did you mean "stock"?');
    expect(await said("preview", "zzzzzz", "--keyspace", "tiny", "--run", "7")).toContain(
      "in run 7",
    );
    expect(await said("status", "--keyspce", "tiny")).toContain("--keyspace");
    expect(await said("statsu")).toContain("status");
  }, 60_000);
});

test("the time left is unknown until three runs of the same nodes tell it", async () => {
  const console = openPlace();
  const tiny = tinyPipeline(console.context.cwd);
  const place = ["--keyspace", "tiny", "--data", tiny.data];
  const left = async (): Promise<{ readonly text: string; readonly json: unknown }> => {
    expect(await console.run("start_run", ...place, "--script_file", tiny.script)).toBe(0);
    console.clear();
    expect(await console.run("status", ...place)).toBe(0);
    const text = console.out();
    console.clear();
    expect(await console.run("status", ...place, "--json")).toBe(0);
    const report = JSON.parse(console.out()) as { run: number; remainingMs: unknown };
    expect(await console.run("stop_run", ...place, "--run_id", String(report.run))).toBe(0);
    return { text, json: report.remainingMs };
  };
  for (let run = 0; run < 2; run += 1)
    expect(await console.run(...tiny.run, "--threads", "1")).toBe(0);
  const unknown = await left();
  expect(unknown.text).toContain("time left: unknown");
  expect(unknown.json).toBeNull();
  const drawn = openConsole(tiny.folder, { isTerminal: true, columns: 200 });
  expect(await drawn.run(...tiny.run, "--threads", "1")).toBe(0);
  expect(drawn.err()).toContain("time left: unknown");
  const known = await left();
  expect(known.text).toMatch(/time left: about [\d.]+ s/);
  expect(known.json).toMatchObject({ runs: 3 });
  const fourth = openConsole(tiny.folder, { isTerminal: true, columns: 200 });
  expect(await fourth.run(...tiny.run, "--threads", "1")).toBe(0);
  expect(fourth.err()).toMatch(/time left: about [\d.]+ s/);
}, 60_000);
