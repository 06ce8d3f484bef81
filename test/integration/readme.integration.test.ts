import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

/** Commands of a document that a reader types in this order, with the exit code they are said to have. */
const blocksOf = (document: string) =>
  [
    ...readFileSync(join(root, document), "utf8").matchAll(
      /```sh tutorial(?: exit=(\d+))?\n([\s\S]*?)```/g,
    ),
  ].map(([, exit, commands]) => ({ exit: Number(exit ?? 0), commands: commands as string }));

interface Followed {
  /** Folder `out` of the reader. */
  readonly out: string;
  /** What each block of commands printed on stdout. */
  readonly printed: readonly string[];
}

/** Runs the commands in a fresh copy of what a reader has. */
function follow(document: string): Followed {
  const folder = temporaryFolder("readme");
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
  symlinkSync(join(root, "dist"), join(folder, "dist"));
  symlinkSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "out"));
  const blocks = blocksOf(document);
  expect(blocks.length).toBeGreaterThan(4);
  const printed = blocks.map(({ commands, exit }) => {
    const result = spawnSync("sh", ["-c", commands], { cwd: folder, encoding: "utf8" });
    expect(result.status, `${commands}\n${result.stderr}`).toBe(exit);
    return result.stdout;
  });
  return { out: join(folder, "out"), printed };
}

test("the tutorial of the README works, command by command, in a fresh folder", () => {
  const top = readFileSync(join(follow("README.md").out, "tutorial", "top_orders.csv"), "utf8");
  expect(top.split("\n")).toHaveLength(22);
});

test("the example of the ledger works: a retry, a look at the table, and a manual node in a run of its own", () => {
  const balances = readFileSync(
    join(follow("examples/ledger/README.md").out, "ledger", "balances.csv"),
    "utf8",
  );
  const amounts = balances
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => Math.round(Number(line.split(",").at(-1)) * 100));
  expect(amounts).toHaveLength(4);
  expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(0);
});

test("the sensors example works as its README says: rows are rejected, corrected, waived and replayed", () => {
  const { out, printed } = follow("examples/sensors/README.md");
  const status = JSON.parse(printed.at(-1) ?? "") as {
    run: number;
    nodes: { node: string; rows: object; checks: { outcome: string }[] }[];
  };
  expect(status.run).toBe(2);
  const reader = status.nodes.find(({ node }) => node === "read_readings");
  expect(reader?.rows).toMatchObject({
    read: 217,
    written: 214,
    rejected: 1,
    waived: 2,
    corrected: 2,
  });
  expect(reader?.checks.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"]);
  const late = readFileSync(join(out, "sensors", "late.csv"), "utf8");
  expect(late.trimEnd().split("\n")).toHaveLength(9);
});

test("the two commands for a fresh machine exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
});
