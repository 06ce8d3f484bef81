import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunReport } from "#pkg/operator";
import { openConsole, type Console } from "./test-support/console.ts";

const root = join(import.meta.dirname, "..");
const example = join(root, "examples", "orders");
const SLOW = 60_000;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-program-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const runExample = (console: Console, ...more: readonly string[]): Promise<number> =>
  console.run(
    "run",
    join(example, "script.json"),
    "--params",
    join(example, "params.json"),
    "--param",
    `dir_in=${join(example, "in")}`,
    "--keyspace",
    "orders",
    "--threads",
    "1",
    ...more,
  );

describe("a run", () => {
  test(
    "goes from script to files, and its run, tables and causes can be looked at until the keyspace is dropped",
    async () => {
      const cwd = temporaryFolder();
      const console = openConsole(cwd);
      expect(await runExample(console, "--json", "--report", "report.json"), console.err()).toBe(0);
      const report = JSON.parse(console.out()) as RunReport;
      expect(report).toMatchObject({ keyspace: "orders", run: 1, outcome: "succeeded" });
      expect(JSON.parse(readFileSync(join(cwd, "report.json"), "utf8"))).toEqual(report);
      const priced = report.nodes.find(({ node }) => node === "price_items");
      expect(priced?.sources.lookup).toEqual({ run: 1, node: "read_products" });
      expect(priced?.rows.read).toBe((priced?.rows.written ?? 0) + (priced?.rows.filtered ?? 0));
      expect(readdirSync(join(cwd, "out")).toSorted()).toEqual([
        "categories.csv",
        "top_orders.csv",
      ]);
      const top = readFileSync(join(cwd, "out", "top_orders.csv"), "utf8")
        .trimEnd()
        .split("\n");
      expect(top).toHaveLength(21);

      console.clear();
      expect(await console.run("status", "--keyspace", "orders")).toBe(0);
      expect(console.out()).toContain("run 1 of keyspace orders: succeeded");
      console.clear();
      expect(await console.run("status", "--keyspace", "orders", "--json")).toBe(0);
      expect(JSON.parse(console.out())).toMatchObject({ run: 1 });
      console.clear();
      expect(await console.run("runs")).toBe(0);
      expect(console.out()).toContain("orders");
      console.clear();
      expect(await console.run("runs", "--keyspace", "orders", "--json")).toBe(0);
      expect(JSON.parse(console.out())).toHaveLength(1);
      console.clear();
      expect(await console.run("preview", "products", "--keyspace", "orders", "--rows", "3")).toBe(
        0,
      );
      expect(console.out().trimEnd().split("\n")).toHaveLength(4);
      console.clear();
      const rows = ["--from", "2", "--rows", "1", "--json"];
      expect(await console.run("preview", "products", "--keyspace", "orders", ...rows)).toBe(0);
      expect(JSON.parse(console.out())).toEqual([
        { sku: "TEA-BOX", category: "Tea", name: 'Tea box "Harbour"', cost: "11.9" },
      ]);

      expect(await console.run("stop_run", "-keyspace=orders", "-run_id=1", "-comment=wrong")).toBe(
        0,
      );
      expect(await console.run("stop_run", "-keyspace=orders", "-run_id=1")).toBe(0);
      expect(await console.run("resume", "--keyspace", "orders", "--run", "1")).toBe(2);
      expect(await console.run("drop_keyspace", "-keyspace=orders")).toBe(0);
      expect(await console.run("drop", "--keyspace", "orders")).toBe(0);
      expect(await console.run("status", "--keyspace", "orders")).toBe(2);
      expect(existsSync(join(cwd, "out", "top_orders.csv"))).toBe(true);
    },
    SLOW,
  );

  test(
    "that fails says which node, why and what to do, exits with 1 and publishes nothing",
    async () => {
      const cwd = temporaryFolder();
      const console = openConsole(cwd);
      writeFileSync(
        join(cwd, "orders_1.csv"),
        "order_id,customer,ordered_on,region,channel,status\nx1,a,2026-01-01,b,c,paid\n",
      );
      writeFileSync(
        join(cwd, "orders_2.csv"),
        "order_id,customer,ordered_on,region,channel,status\n",
      );
      for (const name of ["items.csv", "products.csv"])
        writeFileSync(join(cwd, name), readFileSync(join(example, "in", name)));
      expect(await runExample(console, "--param", `dir_in=${cwd}`)).toBe(1);
      expect(console.err()).toMatch(/read_orders.*orders_1\.csv.*line 2.*order_id.*x1/s);
      expect(console.err()).toContain("partly failed");
      expect(existsSync(join(cwd, "out", "top_orders.csv"))).toBe(false);
      expect(existsSync(join(cwd, "out", "categories.csv"))).toBe(true);
    },
    SLOW,
  );

  test(
    "without its input files names each file and node once",
    async () => {
      const cwd = temporaryFolder();
      const console = openConsole(cwd);
      expect(await runExample(console, "--param", `dir_in=${join(cwd, "none")}`)).toBe(1);
      const place = join(cwd, "none", "orders_1.csv");
      expect(console.err()).toContain(
        `\nread_orders: cannot read ${place}: it does not exist\n  → Check the path`,
      );
    },
    SLOW,
  );

  test(
    "that is interrupted hands its work back, names the command that goes on, and resume finishes it",
    async () => {
      const cwd = temporaryFolder();
      const console = openConsole(cwd, {
        err: (text) => {
          if (text.includes("started")) console.interrupt();
        },
      });
      expect(await runExample(console)).toBe(5);
      const resumed = openConsole(cwd);
      const command = `capitoolbelt resume --keyspace orders --run 1 --data ${join(cwd, "data")}\n`;
      expect(await resumed.run("status", "--keyspace", "orders")).toBe(0);
      expect(resumed.out()).toContain(`no process works on it any more, go on with: ${command}`);
      expect(await resumed.run("resume", "--threads", "1")).toBe(0);
      expect(resumed.err()).toContain("succeeded");
      resumed.clear();
      expect(await resumed.run("status", "--keyspace", "orders")).toBe(0);
      expect(resumed.out()).not.toContain("resume");
      expect(await resumed.run("resume")).toBe(2);
    },
    SLOW,
  );

  test(
    "on a terminal redraws a line with what runs and clears it at the end",
    async () => {
      const console = openConsole(temporaryFolder(), { isTerminal: true });
      expect(await runExample(console)).toBe(0);
      expect(console.err()).toContain("\r\u001b[K");
    },
    SLOW,
  );
});

describe("a script", () => {
  test("that is valid is said to be valid, and drawn as DOT", async () => {
    const console = openConsole(root);
    const params = ["--params", join(example, "params.json")];
    expect(await console.run("check", join(example, "script.json"), ...params)).toBe(0);
    expect(console.out()).toContain("valid");
    console.clear();
    const flags = [
      `-script_file=${join(example, "script.json")}`,
      `-params_file=${join(example, "params.json")}`,
    ];
    expect(await console.run("validate_script", ...flags, "-format=dot")).toBe(0);
    expect(console.out()).toMatch(/^digraph/);
  });

  test("with problems lists all of them as text or JSON and exits with 2", async () => {
    const cwd = temporaryFolder();
    const text = readFileSync(join(example, "script.json"), "utf8");
    const script = join(cwd, "broken.json");
    writeFileSync(
      script,
      text
        .replace("decimal2(r.qty)", "decimal2(r.quantity)")
        .replace("sum(l.margin)", "sum(l.margn)"),
    );
    const console = openConsole(cwd);
    const params = ["--params", join(example, "params.json")];
    expect(await console.run("check", script, ...params)).toBe(2);
    expect(console.err()).toContain("quantity");
    expect(console.err()).toContain("margn");
    expect(await console.run("check", script, ...params, "--json")).toBe(2);
    expect((JSON.parse(console.out()) as { problems: unknown[] }).problems).toHaveLength(2);
    expect(await console.run("run", script, ...params)).toBe(2);
    expect(existsSync(join(cwd, "out"))).toBe(false);
  });
});

describe("arguments", () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["rum"], "run"],
    [["run", "x.json", "--thread", "2"], "--threads"],
    [["run", "x.json", "--threads", "0"], "--threads"],
    [["run", "x.json", "--set", "chunks=1"], "chunk_rows"],
    [["run", "x.json", "--set", "chunk_rows=many"], "whole number"],
    [["run", "x.json", "--param", "novalue"], "name=value"],
    [["run", "nowhere.json"], "nowhere.json"],
    [["run", "x.json", "--keyspace", "no-good"], "no-good"],
    [["status"], "--keyspace"],
    [[], "Usage"],
  ];
  test.each(wrong)("%j is misuse and says so", async (args, mention) => {
    const console = openConsole(temporaryFolder());
    expect(await console.run(...args)).toBe(2);
    expect(console.err()).toContain(mention);
  });

  test("--help and --version succeed on stdout", async () => {
    const console = openConsole(root);
    expect(await console.run("--help")).toBe(0);
    expect(await console.run("--version")).toBe(0);
    expect(console.out()).toContain("Usage: capitoolbelt");
  });

  test("--json gives the fault as JSON, --verbose its stack", async () => {
    const console = openConsole(temporaryFolder());
    expect(await console.run("run", "nowhere.json", "--json", "--verbose")).toBe(2);
    expect(console.err()).toContain('"code":"SCRIPT_UNREADABLE"');
    expect(console.err()).toMatch(/\n\s+at /);
  });

  test.each([
    [["run", "--json"], "missing required argument 'script'"],
    [["run", "x.json", "--bad", "--json"], "unknown option '--bad'"],
    [["status", "--json"], "--keyspace"],
    [["runs", "--json", "--rows", "1"], "--rows"],
    [["preview", "a", "--keyspace", "k", "--rows", "x", "--json"], "whole number"],
    [["rn", "--json"], "unknown command 'rn'"],
    [["drop", "--keyspace", "a", "--json"], "unknown option '--json'"],
  ])("%j is misuse, said as one line of JSON", async (args, mention) => {
    const console = openConsole(temporaryFolder());
    expect(await console.run(...args)).toBe(2);
    expect(console.out()).toBe("");
    const { error } = JSON.parse(console.err()) as { error: { code: string; message: string } };
    expect(error.code).toBe("USAGE");
    expect(error.message).toContain(mention);
  });

  test("a missing data folder ends with exit code 5", async () => {
    const console = openConsole(temporaryFolder());
    expect(await console.run("status", "--keyspace", "a")).toBe(5);
    expect(console.err()).toMatch(/data cannot be used: it does not exist\n/);
  });

  test("a file in the place of the data folder is called one", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "file"), "");
    const console = openConsole(cwd);
    expect(await console.run("runs", "--data", "file")).toBe(5);
    expect(await console.run("run", join(example, "script.json"), "--data", "file")).toBe(5);
    expect(console.err().match(/file cannot be used: it is a file\n/g)).toHaveLength(2);
  });

  test("a folder in the place of a script is called one, not a bad keyspace name", async () => {
    const console = openConsole(temporaryFolder());
    for (const command of ["run", "plan"]) {
      console.clear();
      expect(await console.run(command, ".")).toBe(2);
      expect(console.err()).toMatch(/^error SCRIPT_UNREADABLE: .*it is a folder\n/);
    }
  });
});

test(
  "rejected rows can be listed, corrected from an edited export, waived and replayed",
  async () => {
    const cwd = temporaryFolder();
    const console = openConsole(cwd);
    const sensors = join(root, "examples", "sensors");
    const keyspace = ["--keyspace", "sensors"];
    const script = [join(sensors, "script.json"), "--params", join(sensors, "params.json")];
    const folder = ["--param", `dir_in=${join(sensors, "in")}`];
    expect(await console.run("run", ...script, ...folder, ...keyspace), console.err()).toBe(0);
    expect(console.err()).toContain("read_readings: checks: 2 passed, 1 skipped");

    const run = async (...args: readonly string[]): Promise<string> => {
      console.clear();
      expect(await console.run(...args, ...keyspace), console.err()).toBe(0);
      return console.out();
    };
    expect(await run("rejected", "--rows", "1")).toMatch(
      /gateway_north\.csv +12 +col_celsius +n\/a/,
    );
    expect(console.err()).toContain("6 rejected rows");
    expect(JSON.parse(await run("rejected", "--node", "calibrate", "--json"))).toMatchObject([
      { file: "readings", column: "steps", reason: "EXPRESSION_ROW", decision: "" },
    ]);
    expect(await run("rejected", "--reason", "NONE", "--json")).toBe("[]\n");
    expect(console.err()).toBe("no rejected rows\n");
    expect(await run("replay")).toBe("");

    const csv = await run("rejected", "--node", "read_readings", "--csv");
    writeFileSync(join(cwd, "edited.csv"), csv.replace(/,n\/a\n/, ",17.5\n"));
    expect(JSON.parse(await run("correct", "edited.csv", "--json"))).toMatchObject({
      corrected: 1,
    });
    expect(JSON.parse(await run("waive", "--line", "42", "--json"))).toEqual({ run: 1, waived: 1 });
    expect(await run("rejected")).toMatch(/n\/a .* corrected\n/);
    expect(await run("replay", "--plan")).toContain("read_readings");
    expect(JSON.parse(await run("replay", "--plan", "--json"))).toMatchObject({
      corrected: 1,
      waived: 1,
    });
    await run("waive", "--reason", "CELL_INVALLID");
    expect(console.err()).toMatch(/^run 1: 0 rows waived; `capitoolbelt rejected` lists .*\n$/);
    await run("waive", "--node", "calibrate");
    console.clear();
    expect(await console.run("replay", ...keyspace)).toBe(2);
    expect(console.err()).toContain('"calibrate" reads what node "read_readings" writes');
    expect(console.err()).toContain("replay --node <name>");
    expect(await console.run("replay", "--node", "none", ...keyspace)).toBe(2);
    expect(console.err()).toContain("NODE_MISSING");
    await run("replay", "--node", "read_readings");
    expect(console.err()).toContain("run 2 of keyspace sensors: succeeded");
    expect(console.err()).toMatch(/node +state +read +written +rejected +waived +time\n/);
    expect(console.err()).toMatch(/read_readings +success +217 +213 +3 +1 /);
    const decisions = JSON.parse(
      await run("rejected", "--node", "calibrate", "--json"),
    ) as object[];
    expect(decisions[0]).toMatchObject({ decision: "" });
    console.clear();
    expect(await console.run("waive", ...keyspace)).toBe(2);
    expect(await console.run("correct", "none.csv", ...keyspace)).toBe(2);
    expect(console.err()).toContain("none.csv cannot be read: it does not exist");
  },
  SLOW,
);
