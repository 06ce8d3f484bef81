import { expect, test } from "vitest";
import { KeptValues } from "./kept-values.ts";

test("the values used last are kept within the limit", () => {
  const kept = new KeptValues<number>(10);
  kept.keep("a", 1, 4);
  kept.keep("b", 2, 4);
  expect(kept.get("a")).toBe(1);
  kept.keep("c", 3, 4);
  expect([kept.get("a"), kept.get("b"), kept.get("c")]).toEqual([1, undefined, 3]);
});

test("what is too big by itself is not kept and displaces nothing", () => {
  const kept = new KeptValues<number>(10);
  kept.keep("a", 1, 4);
  kept.keep("b", 2, 11);
  expect([kept.get("a"), kept.get("b")]).toEqual([1, undefined]);
});

test("keeping a value again counts it once", () => {
  const kept = new KeptValues<number>(10);
  for (let time = 0; time < 5; time += 1) kept.keep("a", 1, 4);
  kept.keep("b", 2, 4);
  expect([kept.get("a"), kept.get("b")]).toEqual([1, 2]);
});
