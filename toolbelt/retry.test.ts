import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { STOCK, tinyPipeline, type Tiny } from "../test/support/tiny-pipeline.ts";
import type { RetryPlanReport } from "./show-retry-plan.ts";
import { openConsole, type Console } from "./test-support/console.ts";

const SLOW = 60_000;
const BAD = STOCK.replace("B-2,4", "B-2,x");

interface World {
  readonly tiny: Tiny;
  readonly console: Console;
  /** Runs a command on the keyspace; resolves with the exit code. What it printed before is forgotten. */
  readonly on: (...args: readonly string[]) => Promise<number>;
}

function aWorld(files = 1): World {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-retry-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tiny = tinyPipeline(folder, { files, target: "stock_{day}.csv" });
  const console = openConsole(folder);
  return {
    tiny,
    console,
    on(...args) {
      console.clear();
      return console.run(...args, "--keyspace", "tiny", "--data", tiny.data);
    },
  };
}

const fileOf = ({ tiny }: World, at: number): string =>
  join(tiny.folder, "in", at === 0 ? "stock.csv" : `stock_${at}.csv`);

const begin = ({ console, tiny }: World, ...flags: readonly string[]): Promise<number> =>
  console.run(...tiny.run, "--param", "day=monday", "--threads", "1", ...flags);

describe("plan of a start", () => {
  test("tells what would run where nothing ever ran, and makes nothing", async () => {
    const world = aWorld();
    const { tiny, on, console } = world;
    expect(await on("plan", tiny.script, "--param", "day=monday"), console.err()).toBe(0);
    expect(console.out()).toMatch(/^start of run 1 of keyspace tiny:\n {2}read_stock .*1 batch/);
    rmSync(fileOf(world, 0));
    expect(await on("plan", tiny.script, "--param", "day=monday", "--json")).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({
      run: 1,
      startNodes: ["read_stock"],
      nodes: [{ node: "read_stock" }, { node: "write_stock" }],
    });
    expect(await on("plan", tiny.script, "--param", "day=monday")).toBe(0);
    expect(console.out()).toContain("! ");
    expect(await on("status")).toBe(5);
  });

  test(
    "counts from the runs that there are",
    async () => {
      const world = aWorld();
      expect(await begin(world)).toBe(0);
      const args = [world.tiny.script, "--param", "day=monday", "--start", "read_stock"];
      expect(await world.on("plan", ...args)).toBe(0);
      expect(world.console.out()).toContain("start of run 2 of keyspace tiny");
    },
    SLOW,
  );
});

describe("what to retry", () => {
  test.each([
    [["--failed", "--all"], "exclude each other"],
    [["--node", "a", "--missing"], "exclude each other"],
    [["--below"], "--below needs --node"],
    [["--batches", "1"], "--batches needs --node"],
    [["--node", "a,b", "--batches", "1"], "of one --node"],
    [["--node", "a", "--batches", "one"], "--batches one: numbers separated by commas"],
  ])("%j is misuse and says so", async (flags, message) => {
    const { on, console } = aWorld();
    for (const command of ["plan", "retry"]) {
      expect(await on(command, ...flags)).toBe(2);
      expect(console.err()).toContain(message);
    }
  });

  test("needs a keyspace, or a script to start", async () => {
    const { console } = aWorld();
    expect(await console.run("plan")).toBe(2);
    expect(console.err()).toContain("plan needs a script to start, or --keyspace of a run");
  });
});

test(
  "a retry shows what it takes over and executes, refuses a file that changed, and leaves nothing to do",
  async () => {
    const world = aWorld(3);
    const { on, console } = world;
    writeFileSync(fileOf(world, 1), BAD);
    expect(await begin(world)).toBe(1);

    expect(await on("plan")).toBe(0);
    expect(console.out()).toMatch(/read_stock +continue +1 again, 2 taken over/);
    expect(console.out()).toContain("batch 1: failed in run 1: ");
    const sizes: readonly (readonly [readonly string[], readonly string[]])[] = [
      [["--all"], ["execute", "execute"]],
      [["--missing"], ["leave", "leave"]],
      [
        ["--node", "read_stock"],
        ["execute", "leave"],
      ],
      [
        ["--node", "read_stock", "--below"],
        ["execute", "execute"],
      ],
      [
        ["--node", "read_stock", "--batches", "0,1"],
        ["continue", "execute"],
      ],
    ];
    for (const [flags, actions] of sizes) {
      expect(await on("plan", "--json", ...flags)).toBe(0);
      const { nodes } = JSON.parse(console.out()) as RetryPlanReport;
      expect(
        nodes.map(({ action }) => action),
        flags.join(" "),
      ).toEqual(actions);
    }
    expect(await on("plan", "--node", "nobody")).toBe(2);
    expect(console.err()).toContain("nobody");

    writeFileSync(fileOf(world, 1), STOCK);
    expect(await on("plan")).toBe(2);
    expect(console.out()).toMatch(/refused: node "read_stock": .*stock_1\.csv is not what it was/);
    expect(await on("retry")).toBe(2);
    expect(console.err()).toContain("cannot be retried like this");
    expect(console.err()).toContain("--changed-files");

    expect(await on("retry", "--changed-files", "--json", "--threads", "1"), console.err()).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ run: 2, outcome: "succeeded" });
    expect(await on("retry")).toBe(0);
    expect(console.err()).toContain("nothing to do: every node of run 2 succeeded");
    expect(await on("retry", "--json")).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ of: 2, nothingToDo: true });
    expect(await on("retry", "--run", "1", "--node", "read_stock", "--all")).toBe(2);
  },
  SLOW,
);

test(
  "a corrected script shows its difference, is refused where old results would stay, and keeps the parameters",
  async () => {
    const world = aWorld(2);
    const { tiny, on, console } = world;
    const script = readFileSync(tiny.script, "utf8");
    writeFileSync(tiny.script, script.replace('"r.double"', '"r.double / (r.double - 8)"'));
    expect(await begin(world)).toBe(1);
    const fixed = join(tiny.folder, "fixed.json");
    writeFileSync(fixed, script);
    expect(await on("plan", "--script", fixed), console.err()).toBe(0);
    expect(console.out()).toContain("the corrected script differs:");
    expect(await on("plan", "--script", fixed, "--json")).toBe(0);
    expect((JSON.parse(console.out()) as RetryPlanReport).diff).toContain("r.double - 8");

    const other = join(tiny.folder, "other.json");
    writeFileSync(other, script.replaceAll("read_stock", "read_other"));
    expect(await on("retry", "--script", other)).toBe(2);
    expect(console.err()).toContain('the corrected script has no node "read_stock"');
    writeFileSync(other, script.replace("r.col_qty * 2", "r.col_qty * 3"));
    expect(await on("retry", "--script", other)).toBe(2);
    expect(console.err()).toContain('node "read_stock": the script differs in');

    expect(await on("retry", "--script", fixed, "--threads", "1"), console.err()).toBe(0);
    expect(console.err()).toContain("run 2 of keyspace tiny retries run 1");
    expect(readFileSync(join(tiny.out, "stock_monday.csv"), "utf8")).toContain("A-1,6,1.50");
    expect(await on("status", "--json")).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ run: 2, retry: { of: 1 } });
  },
  SLOW,
);

test(
  "a run that has not ended is not retried, and neither is a retry of it that has not",
  async () => {
    const world = aWorld();
    const { tiny, on, console } = world;
    const args = [`-keyspace=tiny`, `-script_file=${tiny.script}`, `-data=${tiny.data}`];
    writeFileSync(
      tiny.script,
      readFileSync(tiny.script, "utf8").replace("stock_{day}.csv", "stock.csv"),
    );
    expect(await console.run("start_run", ...args), console.err()).toBe(0);
    expect(console.out()).toBe("1\n");
    expect(console.err()).toContain("capitoolbelt resume --keyspace tiny --run 1");
    expect(await on("plan")).toBe(2);
    expect(console.err()).toContain('run 1 of keyspace "tiny" has not ended');
    expect(await on("stop_run", "--run_id", "1", "--comment", "enough")).toBe(0);
    expect(await on("plan", "--all")).toBe(0);
    expect(console.out()).toMatch(/read_stock +execute +all batches/);
  },
  SLOW,
);
