import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkReportFile, writeReportFile } from "./report-file.ts";
import { openConsole } from "./test-support/console.ts";

const SLOW = 60_000;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a report that cannot be written is refused before the work and after it", async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, "folder"));
  writeFileSync(join(cwd, "file"), "");
  for (const name of ["none/report.json", "folder", "file/report.json"]) {
    const path = join(cwd, name);
    await expect(checkReportFile(path)).rejects.toMatchObject({ code: "TARGET_UNWRITABLE" });
    await expect(writeReportFile(path, {})).rejects.toThrow(`--report: cannot write ${path}: `);
  }
  await checkReportFile(join(cwd, "file"));
  await checkReportFile(join(cwd, "new.json"));
  expect(existsSync(join(cwd, "new.json"))).toBe(false);
});

test(
  "a run whose report has no folder does not begin",
  async () => {
    const cwd = temporaryFolder();
    const console = openConsole(cwd);
    writeFileSync(join(cwd, "a.csv"), "id\n1\n");
    expect(await console.run("init", "from", "a.csv", "--out", "a.yaml")).toBe(0);
    expect(await console.run("run", "a.yaml", "--report", "none/report.json")).toBe(1);
    expect(console.err()).toContain("error TARGET_UNWRITABLE: --report: cannot write");
    expect(console.err()).toContain("none/report.json: its folder does not exist\n");
    expect(console.err()).not.toContain("INTERNAL");
    console.clear();
    expect(await console.run("runs", "--json")).toBe(0);
    expect(console.out()).toBe("[]\n");
  },
  SLOW,
);
