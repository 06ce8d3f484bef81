import { expect, test } from "vitest";
import { messageShares } from "./message-shares.ts";

const unitsOf = (count: number): readonly number[] =>
  messageShares(count).map(({ units }) => units);

test("units that may be slow are told one by one, many small ones together", () => {
  expect(unitsOf(0)).toEqual([]);
  expect(unitsOf(16)).toEqual(Array.from({ length: 16 }, () => 1));
  expect(unitsOf(100)).toEqual([
    ...Array.from({ length: 16 }, () => 1),
    ...Array.from({ length: 16 }, () => 4),
    20,
  ]);
  expect(unitsOf(1000).slice(0, 8)).toEqual([15, 13, 12, 12, 12, 12, 4, 32]);
});

test.each([1, 15, 81, 255, 1000, 5000])(
  "messages about %i units tell of each unit once, in order",
  (count) => {
    let next = 0;
    for (const { unit, units } of messageShares(count)) {
      expect(unit).toBe(next);
      expect(units).toBeLessThanOrEqual(32);
      next += units;
    }
    expect(next).toBe(count);
  },
);
