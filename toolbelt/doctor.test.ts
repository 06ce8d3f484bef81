import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunReport } from "#pkg/operator";
import { openEmbeddedControl } from "#pkg/store/embedded";
import { tinyPipeline } from "../test/support/tiny-pipeline.ts";
import { openConsole } from "./test-support/console.ts";

const SLOW = 60_000;

test(
  "doctor finds what processes that died have left, says how to repair it, and repairs what loses nothing",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "capillaries-doctor-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { run, data, out } = tinyPipeline(folder);
    const console = openConsole(folder);
    const doctor = async (...flags: readonly string[]): Promise<number> => {
      console.clear();
      return console.run("doctor", "--data", data, ...flags);
    };
    expect(await doctor()).toBe(5);
    expect(await console.run(...run, "--threads", "1", "--json"), console.err()).toBe(0);
    const report = JSON.parse(console.out()) as RunReport;
    expect(await doctor()).toBe(0);
    expect(console.err()).toBe("nothing is wrong\n");

    const orphan = join(data, "gone.0123456789abcdef");
    mkdirSync(join(orphan, "run-1"), { recursive: true });
    const token = await tokenOfFile(data);
    writeFileSync(join(out, `.stock.csv.${token}.tmp`), "half a file");
    expect(await doctor("--quick")).toBe(1);
    expect(console.out()).toContain(`orphan_folder: ${orphan}`);
    expect(console.out()).toMatch(
      /temporary_file: .*stock\.csv: 1 temporary file of dead attempts/,
    );
    expect(console.err()).toBe("2 found, 0 repaired, 2 left, 2 of them repaired by --fix\n");
    expect(await doctor("--json")).toBe(1);
    const { findings } = JSON.parse(console.out()) as { findings: readonly object[] };
    expect(findings).toMatchObject([
      { kind: "orphan_folder", fixable: true, fixed: false },
      { kind: "temporary_file", fixable: true, fixed: false },
    ]);
    expect(await doctor("--fix")).toBe(0);
    expect(console.out()).toContain("→ done: delete the folder");
    expect(console.err()).toBe("2 found, 2 repaired, 0 left\n");
    expect(existsSync(orphan)).toBe(false);
    expect(readdirSync(out)).toEqual(["stock.csv"]);

    expect(report.nodes.map(({ node }) => node)).toEqual(["read_stock", "write_stock"]);
    const again = ["start_run", "-keyspace=again", `-script_file=${join(folder, "script.json")}`];
    expect(await console.run(...again, `-data=${data}`), console.err()).toBe(0);
    expect(await doctor("--fix")).toBe(1);
    expect(console.out()).toMatch(/unfinished_run: run 1 of again: .*\n {2}→ continue it: /);
    expect(console.err()).toBe("1 found, 0 repaired, 1 left\n");
  },
  SLOW,
);

/** Token of the attempt that wrote the file of run 1. */
async function tokenOfFile(data: string): Promise<string> {
  await using store = await openEmbeddedControl({ folder: data });
  const { incarnation } = (await store.keyspaces())[0] ?? { incarnation: "" };
  const units = await store.units({ incarnation, run: 1, node: "write_stock", phase: "rows" });
  return units[0]?.record.token ?? "";
}
