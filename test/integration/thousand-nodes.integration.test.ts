import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newestFirst } from "#pkg/draft";
import { main } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

const NODES = 1000;
/** Of processor time, all threads together: the machine may have other things to do. */
const MOST_SECONDS = 2;

/** A tree of tables below a file that does not exist, so that a run of it fails at once. */
function scriptOf(folder: string): string {
  const field = { expression: "r.c", type: "int" };
  const nodes: Record<string, object> = {
    node_0: {
      type: "file_table",
      r: {
        urls: [join(folder, "missing.csv")],
        csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
        columns: { c: { csv: { col_hdr: "c" }, col_type: "int" } },
      },
      w: { name: "table_0", fields: { c: field } },
    },
  };
  for (let at = 1; at < NODES; at += 1)
    nodes[`node_${at}`] = {
      type: "table_table",
      r: { table: `table_${Math.floor((at - 1) / 2)}` },
      w: { name: `table_${at}`, fields: { c: field } },
    };
  const script = join(folder, "wide.json");
  writeFileSync(script, JSON.stringify({ nodes, dependency_policies: { newest: newestFirst } }));
  return script;
}

test("plans, explanations and diagrams of 1,000 nodes take less than 2 s", () => {
  const folder = temporaryFolder("thousand");
  const script = scriptOf(folder);
  const call = (...args: readonly string[]) => {
    const command = `TIMEFORMAT='%U %S'; time "$@" 2>/dev/null`;
    const words = [process.execPath, main, ...args];
    const { status, stdout, stderr } = spawnSync("bash", ["-c", command, "bash", ...words], {
      encoding: "utf8",
      env: { ...process.env, CAPI_DATA: join(folder, "data") },
      maxBuffer: 1 << 26,
    });
    const seconds = stderr
      .trim()
      .split(" ")
      .map(Number)
      .reduce((sum, each) => sum + each, 0);
    return { status, lines: stdout.trimEnd().split("\n").length, seconds };
  };
  const commands: readonly (readonly [readonly string[], number])[] = [
    [["plan", script], NODES + 1],
    [["explain", script], 3 * NODES],
    [["validate_script", `-script_file=${script}`, "-format=capigraph"], NODES],
    [["validate_script", `-script_file=${script}`, "-format=dot"], NODES],
  ];
  const check = (args: readonly string[], least: number): void => {
    const { status, lines, seconds } = call(...args);
    expect([args[0], status]).toEqual([args[0], 0]);
    expect(lines).toBeGreaterThanOrEqual(least);
    expect(seconds, args.join(" ")).toBeGreaterThan(0);
    expect(seconds, args.join(" ")).toBeLessThan(MOST_SECONDS);
  };
  for (const [args, least] of commands) check(args, least);
  expect(call("run", script).status).toBe(1);
  check(["plan", "--keyspace", "wide"], NODES + 1);
}, 300_000);
