import { expect, test } from "vitest";
import { isFinalUnit, nodeCode, nodeCodeName, runCode, runCodeName, unitCode } from "./status.ts";

test("states read as the codes of the reference", () => {
  expect((["running", "complete", "stopped"] as const).map(runCode)).toEqual([1, 2, 3]);
  expect((["none", "waiting", "running", "publishing"] as const).map(nodeCode)).toEqual([
    0, 0, 1, 1,
  ]);
  expect((["success", "fail", "stopreceived", "skipped"] as const).map(nodeCode)).toEqual([
    2, 3, 104, 3,
  ]);
  expect(([undefined, "running", "success", "fail"] as const).map(unitCode)).toEqual([0, 1, 2, 3]);
});

test("codes have names, others are unknown", () => {
  expect([0, 1, 2, 3, 104].map(runCodeName)).toEqual([
    "none",
    "start",
    "complete",
    "stop",
    "unknown",
  ]);
  expect([0, 1, 2, 3, 104, 9].map(nodeCodeName)).toEqual([
    "none",
    "start",
    "success",
    "fail",
    "stopreceived",
    "unknown",
  ]);
});

test("success and fail end a unit", () => {
  expect((["running", "success", "fail"] as const).map(isFinalUnit)).toEqual([false, true, true]);
});
