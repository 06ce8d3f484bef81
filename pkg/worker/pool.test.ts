import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import { openEmbeddedControl } from "#pkg/store/embedded";
import type { UnitTask } from "#pkg/workflow";
import { openPool } from "./pool.ts";

const missing = "0".repeat(64);
const task: UnitTask = {
  incarnation: "i1",
  run: 1,
  node: "orders",
  phase: "rows",
  unit: 0,
  token: "t1",
  script: missing,
  inputs: missing,
  constants: {} as UnitTask["constants"],
  plan: {} as UnitTask["plan"],
  verdict: {} as UnitTask["verdict"],
};

test("a pool may be opened before its stores are there, and outlives a unit that came too early", async () => {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-pool-"));
  await using pool = openPool({
    store: { kind: "embedded", folder },
    threads: 1,
    memory: 2 ** 26,
    policy: everything,
    processors: () => ({ python: pythonSettings({}, {}) }),
  });
  const codeOf = (): Promise<unknown> | undefined =>
    pool.run([task], AbortSignal.abort()).units[0]?.outcome.catch((error: unknown) => {
      return isFault(error) ? error.code : error;
    });
  expect(await codeOf()).toBe("STORE_UNAVAILABLE");
  const store = await openEmbeddedControl({ folder });
  expect(await codeOf()).toBe("STORE_DAMAGED");
  const several = pool.run([task, { ...task, unit: 1 }, task], new AbortController().signal);
  const ends = await Promise.allSettled(several.units.map(({ outcome }) => outcome));
  expect(ends.map((end) => end.status === "rejected" && isFault(end.reason))).toEqual([
    true,
    true,
    true,
  ]);
  expect(several.elapsedMs()).toBeGreaterThan(0);
  await pool[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}, 60_000);
