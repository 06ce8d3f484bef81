import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { main, root } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { linesOf, steady, stepsOf, withPrinted } from "../support/transcript.ts";

const document = join(root, "docs", "working-day.md");

/** `CAPI_REWRITE_DOCUMENTS=1` writes what is printed into the document instead of comparing; never in CI. */
const rewrites = process.env["CAPI_REWRITE_DOCUMENTS"] === "1";

/** A folder with what the data engineer of the document has. */
function desk(): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = realpathSync(temporaryFolder("working-day"));
  const bin = temporaryFolder("working-day-bin");
  writeFileSync(
    join(bin, "capitoolbelt"),
    `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`,
  );
  chmodSync(join(bin, "capitoolbelt"), 0o755);
  cpSync(join(root, "examples", "bookshop"), folder, { recursive: true });
  mkdirSync(join(folder, "out"));
  const path = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
  return { folder, env: { ...process.env, PATH: path, CAPI_DATA: "data", LC_ALL: "C" } };
}

test("the transcript of a working day is what the commands print", () => {
  const text = readFileSync(document, "utf8");
  const { folder, env } = desk();
  const steps = stepsOf(text);
  const printed = steps.map(({ command }) => {
    const shell = ["-c", `exec 2>&1\n${command}`];
    return steady(spawnSync("sh", shell, { cwd: folder, env, encoding: "utf8" }).stdout, {
      folder,
    });
  });
  if (rewrites) {
    expect(process.env["CI"], "documents are not rewritten in CI").toBeUndefined();
    writeFileSync(document, withPrinted(text, printed));
    return;
  }
  expect(text.match(/^## \d+\. \w+$/gm)).toHaveLength(12);
  expect(steps.length).toBeGreaterThan(12);
  for (const [at, step] of steps.entries())
    expect(linesOf(printed[at] ?? ""), step.command).toEqual(linesOf(step.printed));
});
