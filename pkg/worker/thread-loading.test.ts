import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { everything } from "#pkg/security";
import { openEmbeddedControl } from "#pkg/store/embedded";
import { endLoading, loadInThread, newLoading } from "./thread-loading.ts";
import { pythonSettings } from "#pkg/processor";
import { openPool } from "./pool.ts";

test("a pool that closes waits for a thread that is loading, also when loading fails", async () => {
  for (const outcome of ["loaded", "failed"]) {
    const loading = newLoading();
    let end: () => void = () => undefined;
    const thread = loadInThread(
      loading,
      () =>
        new Promise((resolve, reject) => {
          end = () => (outcome === "loaded" ? resolve(outcome) : reject(new Error(outcome)));
        }),
    ).catch((error: unknown) => error);
    let isClosed = false;
    const closed = endLoading(loading).then(() => (isClosed = true));
    await pause(10);
    expect(isClosed).toBe(false);
    end();
    await closed;
    expect(String(await thread)).toContain(outcome);
  }
});

test("a thread that comes after the pool began to close loads nothing", async () => {
  const loading = newLoading();
  await endLoading(loading);
  let hasLoaded = false;
  const loaded = await loadInThread(loading, () => Promise.resolve((hasLoaded = true)));
  expect([loaded, hasLoaded]).toEqual([undefined, false]);
  await endLoading(loading);
});

test("a pool that is closed at any moment of its start does not take the process with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-loading-"));
  const store = await openEmbeddedControl({ folder });
  const processors = () => ({ python: pythonSettings({}, {}) });
  for (let delay = 0; delay < 120; delay += 8) {
    const pool = openPool({
      store: { kind: "embedded", folder },
      threads: 2,
      memory: 2 ** 26,
      policy: everything,
      processors,
    });
    await pause(delay);
    await pool[Symbol.asyncDispose]();
  }
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}, 60_000);
