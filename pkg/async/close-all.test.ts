import { expect, test } from "vitest";
import { closeAll } from "./close-all.ts";

const opened = (name: string, closed: string[], error?: Error): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    closed.push(name);
    await Promise.resolve();
    if (error !== undefined) throw error;
  },
});

test("what was opened is closed in reverse order", async () => {
  const closed: string[] = [];
  const plain: Disposable = { [Symbol.dispose]: () => closed.push("plain") };
  await closeAll([opened("store", closed), plain, opened("queue", closed)]);
  expect(closed).toEqual(["queue", "plain", "store"]);
});

test("a failure stops nothing and the first one surfaces", async () => {
  const closed: string[] = [];
  const [first, second] = [new Error("first"), new Error("second")];
  const outcome = closeAll([
    opened("a", closed, second),
    opened("b", closed),
    opened("c", closed, first),
  ]);
  await expect(outcome).rejects.toBe(first);
  expect(closed).toEqual(["c", "b", "a"]);
});

test("closing nothing is fine", async () => {
  await expect(closeAll([])).resolves.toBeUndefined();
});
