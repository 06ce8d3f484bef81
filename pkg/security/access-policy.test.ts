import { expect, test } from "vitest";
import {
  everything,
  isAddressAllowed,
  isAllowed,
  isHostAllowed,
  type AccessPolicy,
} from "./access-policy.ts";

const policy: AccessPolicy = {
  readRoots: ["/data/in", "/data/shared/"],
  writeRoots: ["/data/out"],
  schemes: ["file"],
  code: false,
};

test.each([
  ["read", "/data/in", true],
  ["read", "/data/in/a.csv", true],
  ["read", "/data/in/deep/a.csv", true],
  ["read", "/data/shared/a.csv", true],
  ["read", "/data/shared", true],
  ["read", "/data/input/a.csv", false],
  ["read", "/data", false],
  ["read", "/data/out/a.csv", false],
  ["read", "/data/in/../secret", false],
  ["read", "/data/in/./a.csv", false],
  ["read", "data/in/a.csv", false],
  ["read", "", false],
  ["write", "/data/out/a.csv", true],
  ["write", "/data/in/a.csv", false],
] as const)("to %s %s is allowed: %s", (purpose, path, expected) => {
  expect(isAllowed(policy, purpose, path)).toBe(expected);
});

test("everything allows every absolute path", () => {
  expect(isAllowed(everything, "read", "/")).toBe(true);
  expect(isAllowed(everything, "write", "/anywhere/at/all.csv")).toBe(true);
});

test("a policy without roots allows nothing", () => {
  expect(isAllowed({ ...policy, readRoots: [] }, "read", "/data/in/a.csv")).toBe(false);
});

test("hosts are allowed by name, by ending, or all of them", () => {
  const hosts = (...names: string[]): AccessPolicy => ({ ...everything, hosts: names });
  expect(isHostAllowed(hosts("a.com"), "A.com")).toBe(true);
  expect(isHostAllowed(hosts("*.a.com"), "x.a.com")).toBe(true);
  expect(isHostAllowed(hosts("*.a.com"), "a.com")).toBe(false);
  expect(isHostAllowed(hosts("*.a.com"), "evila.com")).toBe(false);
  expect(isHostAllowed(everything, "a.com")).toBe(true);
  const { hosts: _all, ...none } = everything;
  expect(isHostAllowed(none, "a.com")).toBe(false);
});

test("private addresses are refused unless host or address is listed", () => {
  const strict: AccessPolicy = { ...everything, privateHosts: [] };
  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "0.0.0.0",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "no address",
  ])
    expect(isAddressAllowed(strict, "a.com", address), address).toBe(false);
  for (const address of ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
    expect(isAddressAllowed(strict, "a.com", address), address).toBe(true);
  expect(isAddressAllowed({ ...strict, privateHosts: ["db"] }, "db", "10.0.0.1")).toBe(true);
  expect(isAddressAllowed({ ...strict, privateHosts: ["10.0.0.1"] }, "db", "10.0.0.1")).toBe(true);
  expect(isAddressAllowed(everything, "db", "10.0.0.1")).toBe(true);
});
