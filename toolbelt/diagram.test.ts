import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tinyPipeline, type Tiny } from "../test/support/tiny-pipeline.ts";
import { openConsole, type Console } from "./test-support/console.ts";

function openPlace(): { readonly tiny: Tiny; readonly console: Console } {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-diagram-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { tiny: tinyPipeline(folder, { files: 2 }), console: openConsole(folder) };
}

test("validate_script draws a valid script as SVG, or as DOT for any other format", async () => {
  const { console } = openPlace();
  for (const format of [[], ["-format=svg"]]) {
    console.clear();
    expect(await console.run("validate_script", "-script_file=script.json", ...format)).toBe(0);
    expect(console.out()).toMatch(/^<svg .*stock \(no parallelism\)/s);
  }
  console.clear();
  const flags = ["-script_file", "script.json", "-format=dot", "-detail=idx"];
  expect(await console.run("validate_script", ...flags)).toBe(0);
  expect(console.out()).toMatch(/^digraph .*stock \(no parallelism\)\\l"/s);
  writeFileSync(join(console.context.cwd, "script.json"), "{}");
  console.clear();
  expect(await console.run("validate_script", "-script_file=script.json")).toBe(2);
  expect(console.out()).toBe("");
  expect(await console.run("validate_script")).toBe(2);
});

test("validate_script prints what 1.1.6 prints for -idx_dag and -field_dag", async () => {
  const { console } = openPlace();
  const kinds: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["-idx_dag"], ["digraph indexes {"]],
    [["-field_dag=true"], ["digraph fields {"]],
    [
      ["-idx_dag=1", "-field_dag"],
      ["digraph indexes {", "digraph fields {"],
    ],
    [["-idx_dag=false", "-format=dot"], ["digraph idx_fields {"]],
  ];
  for (const [flags, expected] of kinds) {
    console.clear();
    expect(await console.run("validate_script", "-script_file=script.json", ...flags)).toBe(0);
    expect(console.out().match(/^digraph .*$/gm)).toEqual(expected);
  }
  console.clear();
  expect(await console.run("validate_script", "-script_file=script.json", "-idx_dag")).toBe(0);
  expect(console.out()).toContain("(no parallelism)");
  console.clear();
  expect(await console.run("validate_script", "-script_file=script.json", "-field_dag")).toBe(0);
  expect(console.out()).not.toContain("(no parallelism)");
  expect(console.out()).toContain("double");
  expect(await console.run("validate_script", "-script_file=x.json", "-idx_dag=maybe")).toBe(2);
});

test("get_run_status_diagram colours the nodes of a run by their status", async () => {
  const { tiny, console } = openPlace();
  const place = ["-keyspace=tiny", `-data=${tiny.data}`];
  expect(await console.run("start_run", ...place, `-script_file=${tiny.script}`)).toBe(0);
  expect(await console.run("stop_run", ...place, "-run_id=1")).toBe(0);
  for (const script of [[], ["-script_file=script.json"]]) {
    console.clear();
    const command = ["get_run_status_diagram", ...place, "-run_id=1", ...script];
    expect(await console.run(...command)).toBe(0);
    expect(console.out().match(/>stopreceived</g)).toHaveLength(2);
    console.clear();
    expect(await console.run(...command, "-format=dot")).toBe(0);
    expect(console.out().match(/fillcolor="orangered"/g)).toHaveLength(2);
  }
  expect(await console.run("get_run_status_diagram", ...place, "-run_id=2")).toBe(2);
});

test("exec_node leaves the nodes that its run does not execute without a status", async () => {
  const { tiny, console } = openPlace();
  const place = ["-keyspace=tiny", `-data=${tiny.data}`];
  const flags = [`-script_file=${tiny.script}`, "-node_id=read_stock", "--threads=1"];
  expect(await console.run("exec_node", ...place, ...flags)).toBe(0);
  console.clear();
  expect(await console.run("get_run_status_diagram", ...place, "-run_id=1", "-format=dot")).toBe(0);
  expect(console.out().match(/fillcolor="\w+"/g)).toEqual([
    'fillcolor="green"',
    'fillcolor="white"',
  ]);
}, 60_000);

test("get_table_cql prints statements without opening anything", async () => {
  const { console } = openPlace();
  const flags = ["-keyspace=ks", "-script_file=script.json"];
  expect(await console.run("get_table_cql", ...flags, "-run_id=2")).toBe(0);
  expect(console.out()).toContain("CREATE TABLE IF NOT EXISTS ks.stock_00002 (");
  console.clear();
  expect(await console.run("get_table_cql", ...flags, "-start_nodes=write_stock")).toBe(0);
  expect(console.out()).not.toContain("ks.stock_");
  expect(await console.run("get_table_cql", ...flags, "-start_nodes=read")).toBe(2);
  expect(await console.run("get_table_cql", "-keyspace=no-good", "-script_file=script.json")).toBe(
    2,
  );
});
