import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import { storeFault } from "./store-faults.ts";

const place = { path: "/data" };
const failing = (code: unknown): Error => Object.assign(new Error("text nobody reads"), { code });

test.each([
  [-30_792, "DISK_FULL"],
  [28, "DISK_FULL"],
  ["ENOSPC", "DISK_FULL"],
  ["EDQUOT", "DISK_FULL"],
  [-30_796, "STORE_DAMAGED"],
  [-30_793, "STORE_DAMAGED"],
  ["EIO", "STORE_DAMAGED"],
  [-30_794, "STORE_VERSION"],
  [13, "STORE_UNAVAILABLE"],
  ["EROFS", "STORE_UNAVAILABLE"],
  [undefined, "STORE_UNAVAILABLE"],
])("code %s becomes %s", (code, expected) => {
  expect(storeFault(failing(code), place).code).toBe(expected);
});

test("damage of a table is told apart", () => {
  const fault = storeFault(failing(-30_797), { ...place, damaged: "TABLE_DAMAGED" });
  expect(fault.code).toBe("TABLE_DAMAGED");
  expect(fault.facts).toEqual({ path: "/data", system: -30_797 });
});

test("a record that is not JSON is damage; a Fault stays as it is", () => {
  expect(storeFault(new SyntaxError("x"), place).code).toBe("STORE_DAMAGED");
  const fault = new Fault("KEYSPACE_MISSING", "gone");
  expect(storeFault(fault, place)).toBe(fault);
});
