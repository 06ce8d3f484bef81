import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { shapeValidator } from "../pkg/script/shape-validator.ts";

const root = join(import.meta.dirname, "..");
const invalid = join(root, "test", "data", "invalid");

function readScripts(): readonly unknown[] {
  const files = readdirSync(invalid, { recursive: true, encoding: "utf8" });
  const scripts: unknown[] = [{}, [], "x", { nodes: { n: { type: "file_table" } } }];
  for (const name of files.filter((each) => each.endsWith(".json"))) {
    try {
      scripts.push(JSON.parse(readFileSync(join(invalid, name), "utf8")));
    } catch {
      continue; // some of them are broken JSON on purpose
    }
  }
  return scripts;
}

interface Build {
  readonly shapeValidatorCode: (folder: string) => string;
}

const importFile = (file: string): Promise<unknown> => import(pathToFileURL(file).href);

async function writtenOut(): Promise<typeof shapeValidator> {
  const build = (await importFile(join(root, "scripts", "shape-validator.mjs"))) as Build;
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "shape-"));
  try {
    const file = join(folder, "validator.mjs");
    writeFileSync(file, build.shapeValidatorCode(join(root, "pkg", "script")));
    const module = (await importFile(file)) as { shapeValidator: typeof shapeValidator };
    return module.shapeValidator;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the validator that the build writes out", () => {
  test("answers like the one that is compiled at run time", async () => {
    const built = (await writtenOut())();
    const compiled = shapeValidator();
    const scripts = readScripts();
    expect(scripts.length).toBeGreaterThan(20);
    for (const script of scripts) {
      expect(built(script)).toBe(compiled(script));
      expect(built.errors).toEqual(compiled.errors);
    }
  });
});
