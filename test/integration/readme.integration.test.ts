import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

const blocks = [
  ...readFileSync(join(root, "README.md"), "utf8").matchAll(
    /```sh tutorial(?: exit=(\d+))?\n([\s\S]*?)```/g,
  ),
].map(([, exit, commands]) => ({ exit: Number(exit ?? 0), commands: commands as string }));

test("the tutorial of the README works, command by command, in a fresh folder", () => {
  const folder = temporaryFolder("readme");
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
  symlinkSync(join(root, "dist"), join(folder, "dist"));
  symlinkSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "out"));
  expect(blocks.length).toBeGreaterThan(4);
  for (const { commands, exit } of blocks) {
    const result = spawnSync("sh", ["-c", commands], { cwd: folder, encoding: "utf8" });
    expect(result.status, `${commands}\n${result.stderr}`).toBe(exit);
  }
  const top = readFileSync(join(folder, "out", "tutorial", "top_orders.csv"), "utf8");
  expect(top.split("\n")).toHaveLength(22);
});

test("the two commands for a fresh machine exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
});
