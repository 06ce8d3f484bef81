import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectedRows, expectedTime, remainingTime, type PastRun } from "./estimates.ts";

const past = (elapsedMs: number, read = elapsedMs / 2, write = elapsedMs / 2): PastRun => ({
  elapsedMs,
  nodes: [
    { node: "read", state: "success", rows: elapsedMs * 10, elapsedMs: read },
    { node: "write", state: "success", rows: 5, elapsedMs: write },
    { node: "other", state: "none", rows: 0, elapsedMs: 0 },
  ],
});
const progress = (read: number, write: number) => [
  { node: "read", done: read },
  { node: "write", done: write },
];

describe("earlier runs", () => {
  test("say how many rows a node wrote and how long it took", () => {
    const runs = [past(200), past(100), past(400)];
    expect(expectedRows(runs, "read")).toEqual({ middle: 2000, low: 1000, high: 4000, runs: 3 });
    expect(expectedTime(runs, "read")).toMatchObject({ middle: 100, low: 50, high: 200 });
    expect(expectedRows(runs, "other")).toBeUndefined();
    expect(expectedTime(runs, "other")).toBeUndefined();
    expect(expectedRows([], "read")).toBeUndefined();
  });

  test("say nothing about the time left when there are fewer than three", () => {
    expect(remainingTime([past(100), past(200)], progress(0, 0))).toBeUndefined();
    const failed = {
      ...past(300),
      nodes: [{ node: "read", state: "fail", rows: 0, elapsedMs: 1 }],
    };
    expect(remainingTime([past(100), past(200), failed], progress(0, 0))).toBeUndefined();
    const three = [past(100), past(200), past(300)];
    expect(remainingTime(three, [{ node: "read", done: 0 }])).toBeUndefined();
  });

  test("give the share of their time that is not done here", () => {
    const three = [past(1000), past(2000), past(4000)];
    expect(remainingTime(three, progress(0, 0))).toEqual({
      middle: 2000,
      low: 1000,
      high: 4000,
      runs: 3,
    });
    expect(remainingTime(three, progress(1, 0))?.middle).toBeCloseTo(1000, -1);
    expect(remainingTime(three, progress(1, 1))?.high).toBe(0);
    const nothing = { elapsedMs: 10, nodes: [] };
    expect(remainingTime([nothing, nothing, nothing], [])).toMatchObject({ high: 0 });
  });

  test("never promise less time when less is done", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const times = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(times, share, share, (elapsed, a, b) => {
        const runs = elapsed.map((ms) => past(ms));
        const [more, less] = [Math.max(a, b), Math.min(a, b)];
        const early = remainingTime(runs, progress(less, 0));
        const late = remainingTime(runs, progress(more, 0));
        expect(late?.middle).toBeLessThanOrEqual((early?.middle ?? 0) + 1e-9);
      }),
    );
  });
});
