import { expect, test } from "vitest";
import { everything, isAllowed, type AccessPolicy } from "./access-policy.ts";

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
