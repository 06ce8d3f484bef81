// Before the tests: builds what their engine threads run. A thread that reads hundreds of TypeScript modules instead takes 0.7 s of a
// processor for it, and the unit tests start 90 (DECISIONS.md).
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "test-threads-"));

function build() {
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @param {import("vitest/node").TestProject} project */
export function setup(project) {
  build();
  project.onTestsRerun(build);
  process.env["CAPI_TEST_THREADS"] = pathToFileURL(folder).href;
}

export function teardown() {
  rmSync(folder, { recursive: true });
}
