import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("there are as many slots as given, and each that is given back can be taken again", async () => {
  const slots = new Slots(2);
  expect([slots.tryTake(), slots.tryTake(), slots.tryTake()]).toEqual([true, true, false]);
  const waiting = slots.take(new AbortController().signal);
  slots.give();
  expect(await waiting).toBe(true);
  expect(slots.tryTake()).toBe(false);
});

test("the signal ends the wait for a slot", async () => {
  const slots = new Slots(0);
  const stop = new AbortController();
  const waiting = slots.take(stop.signal);
  stop.abort();
  expect(await waiting).toBe(false);
  expect(await slots.take(stop.signal)).toBe(false);
});

test("of several that wait for one slot exactly one gets it", async () => {
  const slots = new Slots(0);
  const stop = new AbortController();
  const waiting = [1, 2, 3].map(() => slots.take(stop.signal));
  slots.give();
  await waiting[0];
  stop.abort();
  expect((await Promise.all(waiting)).filter(Boolean)).toHaveLength(1);
});
