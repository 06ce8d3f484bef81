import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

const phase = { incarnation: "i1", run: 1, node: "read", phase: "rows" } as const;

/** Tells the pace of bundles of the size it asks for, each unit taking so long; what it asks for next. */
const after = (pace: Pace, eachMs: number): number => {
  const units = pace.most(phase);
  pace.took(phase, units, units * eachMs);
  return pace.most(phase);
};

test("one unit is claimed until its phase is known to be quick, then twice as many from time to time", () => {
  const pace = new Pace();
  expect(pace.most(phase)).toBe(1);
  expect([1, 1, 1, 1, 1, 1, 1].map((ms) => after(pace, ms))).toEqual([2, 4, 8, 16, 32, 32, 32]);
  expect(pace.most({ ...phase, node: "join" })).toBe(1);
});

test("units that take longer are claimed in smaller numbers at once, slow ones one by one", () => {
  const pace = new Pace();
  for (let n = 0; n < 5; n += 1) after(pace, 1);
  expect([30, 30, 100, 10_000].map((ms) => after(pace, ms))).toEqual([5, 5, 1, 1]);
  expect(pace.isSlow(phase)).toBe(false);
});

test("a phase is slow when even its quickest unit is", () => {
  const pace = new Pace();
  expect(pace.isSlow(phase)).toBe(false);
  after(pace, 400);
  expect(pace.isSlow(phase)).toBe(true);
  after(pace, 5);
  expect(pace.isSlow(phase)).toBe(false);
});

test("after a crash among several each is on its own for good", () => {
  const pace = new Pace();
  for (let n = 0; n < 5; n += 1) after(pace, 1);
  pace.crashed(phase);
  expect([1, 1, 1].map((ms) => after(pace, ms))).toEqual([1, 1, 1]);
});
