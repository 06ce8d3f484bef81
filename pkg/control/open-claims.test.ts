import { expect, test } from "vitest";
import { openClaims } from "./open-claims.ts";
import type { Claim } from "./ports.ts";

const phase = { incarnation: "i", run: 1, node: "n", phase: "rows" } as const;
const claim = (unit: number): Claim =>
  ({ key: { ...phase, unit }, token: `t${unit}` }) as unknown as Claim;

test("the last unit that this process ends of a phase is the one after which it looks", () => {
  const claims = openClaims();
  claims.add(claim(0));
  claims.add(claim(1));
  claims.end(claim(0));
  expect(claims.holdsAnother({ ...phase })).toBe(true);
  claims.end(claim(0));
  expect(claims.holdsAnother({ ...phase })).toBe(true);
  claims.end(claim(1));
  expect(claims.holdsAnother({ ...phase })).toBe(false);
});

test("units of other phases and nodes do not count", () => {
  const claims = openClaims();
  claims.add(claim(0));
  expect(claims.holdsAnother({ ...phase, phase: "finish" })).toBe(false);
  expect(claims.holdsAnother({ ...phase, node: "m" })).toBe(false);
});
