import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import { retry } from "./retry.ts";

const passing = (): Fault => new Fault("STORE_UNAVAILABLE", "busy", { retryable: true });

/** Fails with these errors, one a call, then succeeds. */
function failing(...errors: readonly Error[]): {
  attempt: () => Promise<number>;
  calls: () => number;
} {
  let calls = 0;
  return {
    attempt: () => {
      const error = errors[calls++];
      return error === undefined ? Promise.resolve(calls) : Promise.reject(error);
    },
    calls: () => calls,
  };
}

test("a first success is the result", async () => {
  const work = failing();
  await expect(retry(work.attempt, { delaysMs: [1000] })).resolves.toBe(1);
});

test("retryable failures are repeated until one attempt succeeds", async () => {
  const work = failing(passing(), passing());
  await expect(retry(work.attempt, { delaysMs: [0, 0, 0] })).resolves.toBe(3);
});

test("after the last pause the last error surfaces", async () => {
  const last = passing();
  const work = failing(passing(), last);
  await expect(retry(work.attempt, { delaysMs: [0] })).rejects.toBe(last);
  expect(work.calls()).toBe(2);
});

test.each([new Fault("CELL_INVALID", "bad"), new Error("bug")])(
  "%s is not repeated",
  async (error) => {
    const work = failing(error);
    await expect(retry(work.attempt, { delaysMs: [0] })).rejects.toBe(error);
    expect(work.calls()).toBe(1);
  },
);

test("an aborted signal ends the pause at once with the error of the attempt", async () => {
  const controller = new AbortController();
  const error = passing();
  const work = failing(error);
  const outcome = retry(work.attempt, { delaysMs: [1_000_000], signal: controller.signal });
  controller.abort();
  await expect(outcome).rejects.toBe(error);
  expect(work.calls()).toBe(1);
});
