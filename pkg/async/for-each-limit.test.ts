import { expect, test } from "vitest";
import { forEachLimit } from "./for-each-limit.ts";

/** A promise and its end. */
function gate(): { readonly wait: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wait, open };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test("at most limit items are worked on at a time", async () => {
  let running = 0;
  let most = 0;
  await forEachLimit([1, 2, 3, 4, 5, 6], 2, async () => {
    most = Math.max(most, ++running);
    await settled();
    running--;
  });
  expect(most).toBe(2);
});

test("a failure starts nothing more, waits for what runs, and surfaces", async () => {
  const slow = gate();
  const started: number[] = [];
  let ended = false;
  const error = new Error("second");
  const outcome = forEachLimit([1, 2, 3, 4], 2, async (item) => {
    started.push(item);
    if (item === 2) throw error;
    await slow.wait;
    ended = true;
  });
  await settled();
  slow.open();
  await expect(outcome).rejects.toBe(error);
  expect(ended).toBe(true);
  expect(started).toEqual([1, 2]);
});

test("of several failures the first one surfaces", async () => {
  const outcome = forEachLimit(["a", "b"], 2, (item) => Promise.reject(new Error(item)));
  await expect(outcome).rejects.toThrow("a");
});

test("items may come from an async iterable, also none", async () => {
  async function* items(): AsyncGenerator<number> {
    yield 1;
    await settled();
    yield 2;
  }
  const seen: number[] = [];
  await forEachLimit(items(), 3, async (item) => {
    await settled();
    seen.push(item);
  });
  await forEachLimit([], 1, () => Promise.reject(new Error("never")));
  expect(seen).toEqual([1, 2]);
});
