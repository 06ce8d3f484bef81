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

/** Runs the commands in a fresh copy of what a reader has; returns its folder `out`. */
function follow(document: string): string {
  const folder = temporaryFolder("readme");
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
  symlinkSync(join(root, "dist"), join(folder, "dist"));
  symlinkSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "out"));
  const blocks = blocksOf(document);
  expect(blocks.length).toBeGreaterThan(4);
  for (const { commands, exit } of blocks) {
    const result = spawnSync("sh", ["-c", commands], { cwd: folder, encoding: "utf8" });
    expect(result.status, `${commands}\n${result.stderr}`).toBe(exit);
  }
  return join(folder, "out");
}

test("the tutorial of the README works, command by command, in a fresh folder", () => {
  const top = readFileSync(join(follow("README.md"), "tutorial", "top_orders.csv"), "utf8");
  expect(top.split("\n")).toHaveLength(22);
});

test("the example of the ledger works: a retry, a look at the table, and a manual node in a run of its own", () => {
  const balances = readFileSync(
    join(follow("examples/ledger/README.md"), "ledger", "balances.csv"),
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

test("the two commands for a fresh machine exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
});
