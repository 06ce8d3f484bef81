import { expect, test } from "vitest";
import { leaseSettings } from "./lease.ts";

test("without a value the lease is the default", () => {
  expect(leaseSettings(undefined)).toEqual({});
});

test("a process stops changing things well before others may take over", () => {
  expect(leaseSettings(6)).toEqual({ deadMs: 6000, lostMs: 4000, renewMs: 1000 });
});
