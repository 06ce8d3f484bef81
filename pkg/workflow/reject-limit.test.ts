import { expect, test } from "vitest";
import { isOverRejectLimit, tooManyRejected } from "./reject-limit.ts";
import { aFileTable } from "./test-support/build.ts";

const limited = (max: number | undefined) =>
  aFileTable("read", {
    rejects: { records: true, rows: true, ...(max === undefined ? {} : { max }) },
  });

test("T-18 the limit is what may be rejected; none means any number", () => {
  expect([2, 3].map((rows) => isOverRejectLimit(limited(2), rows))).toEqual([false, true]);
  expect(isOverRejectLimit(limited(undefined), 1e9)).toBe(false);
  expect(isOverRejectLimit(aFileTable("read"), 1e9)).toBe(false);
});

test("the fault names the node, the limit and, where known, the first rejected row", () => {
  expect(tooManyRejected(limited(1)).message).toBe("node read: more than 1 row was rejected");
  expect(tooManyRejected(limited(undefined)).message).toContain("more than 0 rows were");
  expect(tooManyRejected(limited(7), "line 4").message).toBe(
    "node read: more than 7 rows were rejected; the first: line 4",
  );
});
