import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { formatProblems, type Problem } from "./index.ts";
import { readScript } from "./read-script.ts";

const FOLDER = resolve(import.meta.dirname, "../../test/data/invalid");
/** Set to 1 to write the lists anew; read the difference before you commit it. */
const isUpdate = process.env["CAPI_UPDATE_GOLDEN"] === "1";

function problemsOf(name: string): string {
  const folder = resolve(FOLDER, name);
  const files = readdirSync(folder);
  const textOf = (file: string) => ({ file, text: readFileSync(resolve(folder, file), "utf8") });
  const script = files.find((file) => file.startsWith("script."));
  const parameters = files.find((file) => file.startsWith("params."));
  if (script === undefined) throw new Error(`${name} has no script`);
  try {
    readScript(textOf(script), parameters === undefined ? undefined : textOf(parameters));
  } catch (error) {
    if (!isFault(error)) throw error;
    const problems = error.facts["problems"] as readonly Problem[];
    expect(error.message.endsWith(formatProblems(problems))).toBe(true);
    return `${error.code}\n${formatProblems(problems)}\n`;
  }
  return "valid\n";
}

const names = readdirSync(FOLDER);

test("there are at least forty broken scripts", () => {
  expect(names.length).toBeGreaterThanOrEqual(40);
});

test.each(names)("%s is refused with its complete list of problems", (name) => {
  const golden = resolve(FOLDER, name, "problems.txt");
  const actual = problemsOf(name);
  if (isUpdate) writeFileSync(golden, actual);
  expect(existsSync(golden)).toBe(true);
  expect(actual).toBe(readFileSync(golden, "utf8"));
  expect(actual).not.toBe("valid\n");
});
