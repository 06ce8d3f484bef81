import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULT_HINTS } from "#pkg/fault";
import { DOCUMENTS } from "../scripts/documents.ts";
import { VERSION } from "../toolbelt/version.ts";

const root = join(import.meta.dirname, "..");

const withoutPadding = (text: string): string =>
  text.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---");

test.each(Object.keys(DOCUMENTS))("docs/%s is what the code says (npm run docs)", (name) => {
  const written = readFileSync(join(root, "docs", name), "utf8");
  expect(withoutPadding(written)).toBe(withoutPadding((DOCUMENTS[name] as () => string)()));
});

test("the version of the program is the version of the package", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  expect(VERSION).toBe(manifest.version);
});

test("every code of the error table is raised somewhere, and every raised code is in it", () => {
  const sources = ["pkg", "daemon", "toolbelt"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter(
        (file) => file.endsWith(".ts") && !file.includes(".test.") && !file.endsWith("codes.ts"),
      )
      .map((file) => readFileSync(join(root, folder, file), "utf8")),
  );
  const text = sources.join("\n");
  const unused = Object.keys(FAULT_HINTS).filter((code) => !text.includes(`"${code}"`));
  expect(unused).toEqual([]);
});
