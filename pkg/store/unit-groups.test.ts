import { expect, test } from "vitest";
import { groupOf, groupsOf } from "./unit-groups.ts";

test("every unit is in exactly the group that begins at or before it, and groups follow one another without gaps", () => {
  const groups = groupsOf(1000);
  let next = 0;
  for (const { first, size } of groups) {
    expect(first).toBe(next);
    for (let unit = first; unit < first + size; unit += 1)
      expect(groupOf(unit)).toEqual({ first, size });
    next = first + size;
  }
  expect(next).toBeGreaterThanOrEqual(1000);
  expect(groups.at(-1)?.first).toBeLessThan(1000);
});

test("few units are on their own, a thousand make some sixty groups", () => {
  expect(groupsOf(0)).toEqual([]);
  expect(groupsOf(16).map(({ size }) => size)).toEqual(Array.from({ length: 16 }, () => 1));
  expect(groupsOf(1000)).toHaveLength(61);
});
