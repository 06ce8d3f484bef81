import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { leaseSettings } from "./lease.ts";

const settings = (text: string | undefined): unknown =>
  leaseSettings({ env: { CAPI_LEASE_SECONDS: text } });

test("without the variable the lease is the default", () => {
  expect(settings(undefined)).toEqual({});
  expect(settings("")).toEqual({});
});

test("a process stops changing things well before others may take over", () => {
  expect(settings("6")).toEqual({ deadMs: 6000, lostMs: 4000, renewMs: 1000 });
});

test.each(["0", "-1", "1.5", "3601", "soon"])("a lease of %s seconds is refused", (text) => {
  const refused = (): unknown => {
    try {
      return settings(text);
    } catch (error) {
      return isFault(error) && error.code;
    }
  };
  expect(refused()).toBe("USAGE");
});
