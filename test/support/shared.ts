import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { root } from "./cli.ts";

/** Folder of the shared material beside the repository. */
export const shared = process.env["CAPI_SHARED"] ?? join(root, "..", "shared");

/** `test` where the shared folder is, otherwise a skip with a printed reason that is a failure in CI. */
export function testWithShared(path: string): typeof test {
  if (existsSync(join(shared, path))) return test;
  if (process.env["CI"] === "true")
    test(`${path} is beside the repository`, () => {
      throw new Error(`${join(shared, path)} is absent`);
    });
  console.log(`skipped: ${join(shared, path)} is absent`);
  return test.skip as unknown as typeof test;
}
