import { expect, test } from "vitest";
import { failedCheck, warningsOfChecks } from "./checks.ts";
import type { CheckResult } from "./records.ts";

const aCheck = (changes: Partial<CheckResult>): CheckResult => ({
  check: "at least 5 rows",
  description: "",
  severity: "fail",
  outcome: "failed",
  found: "3 rows",
  ...changes,
});

test("a node fails with the first check that must hold and does not", () => {
  const passed = [
    aCheck({ outcome: "passed" }),
    aCheck({ outcome: "skipped" }),
    aCheck({ severity: "warn" }),
  ];
  expect(failedCheck("A", passed)).toBeUndefined();
  const failed = aCheck({ description: "all shops reported" });
  expect(failedCheck("A", [...passed, failed])).toMatchObject({
    code: "CHECK_FAILED",
    message: "node A: check failed: all shops reported (at least 5 rows), found 3 rows",
    facts: { node: "A", checks: [failed] },
  });
  expect(failedCheck("A", [aCheck({}), failed])?.message).toBe(
    "node A: check failed: at least 5 rows, found 3 rows; 1 more failed",
  );
});

test("checks that need not hold are warnings", () => {
  expect(
    warningsOfChecks([
      aCheck({}),
      aCheck({ severity: "warn" }),
      aCheck({ severity: "warn", outcome: "passed" }),
    ]),
  ).toEqual(["check failed: at least 5 rows, found 3 rows"]);
});
