import { expect, test } from "vitest";
import { isNear } from "./spell-keys.ts";

test.each([
  ["on_errro", "on_error", 1],
  ["no_error", "on_error", 1],
  ["reveiw", "review", 1],
  ["chks", "checks", 2],
  ["msak", "mask", 1],
  ["maskk", "mask", 1],
  ["", "ab", 2],
  ["rveiw", "review", 2],
])("%s is as far from %s as the %i slips it takes", (word, known, slips) => {
  expect(isNear(word, known, slips)).toBe(true);
  expect(isNear(word, known, slips - 1)).toBe(false);
});

test("words that differ in more are not near", () => {
  expect(["name", "desc", "type", "csv"].filter((word) => isNear(word, "mask", 2))).toEqual([]);
});
