import { expect, test } from "vitest";
import { Flusher } from "./flusher.ts";

/** A database whose flushes end when the test says so. */
function slowDatabase() {
  const pending: ((error?: unknown) => void)[] = [];
  return {
    flushes: () => pending.length,
    end: (at: number, error?: unknown) => pending[at]?.(error),
    sync: (callback: (error?: unknown) => void) => void pending.push(callback),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("requests during a flush share the next one, which begins after they came", async () => {
  const database = slowDatabase();
  const flusher = new Flusher(database, "/data");
  const first = flusher.flush();
  const [second, third] = [flusher.flush(), flusher.flush()];
  expect(database.flushes()).toBe(1);
  database.end(0);
  await first;
  await turn();
  expect(database.flushes()).toBe(2);
  database.end(1);
  await Promise.all([second, third]);
  await flusher.finish();
  expect(database.flushes()).toBe(2);
});

test("a failed flush reaches everyone who waits for it", async () => {
  const database = slowDatabase();
  const flusher = new Flusher(database, "/data");
  const waiting = flusher.flush();
  database.end(0, Object.assign(new Error("no space"), { code: 28 }));
  await expect(waiting).rejects.toMatchObject({ code: "DISK_FULL" });
});

test("a failed flush that nobody waits for is told by the next one", async () => {
  const database = slowDatabase();
  const flusher = new Flusher(database, "/data");
  flusher.begin();
  database.end(0, Object.assign(new Error("no space"), { code: 28 }));
  await flusher.finish();
  const waiting = flusher.flush();
  database.end(1);
  await expect(waiting).rejects.toMatchObject({ code: "DISK_FULL" });
});
