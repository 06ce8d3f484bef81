import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { collectorOf } from "./collect-garbage.ts";

const MB = 2 ** 20;

test("P8: dead arrays of a thread with a small budget never take that much", () => {
  const budget = 16 * MB;
  const collect = collectorOf(budget);
  const externalBytes = (): number => getHeapStatistics().external_memory;
  const before = externalBytes();
  let most = 0;
  for (let made = 0; made < 200; made++) {
    new Uint8Array(MB).fill(1);
    collect?.();
    most = Math.max(most, externalBytes() - before);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(budget);
});

test("P8: a thread with a large budget leaves garbage to V8", () => {
  expect(collectorOf(128 * MB)).toBeUndefined();
});
