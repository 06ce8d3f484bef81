import { expect, test } from "vitest";
import type { NodeComparison, RunComparison } from "#pkg/operator";
import { comparisonText } from "./show-comparison.ts";

const side = { keyspace: "k", outcome: "succeeded", startedAt: "2026-01-01T00:00:00.000Z" };
const check = (found: string, outcome: "passed" | "failed") => ({
  check: "rows >= 3",
  description: "",
  severity: "fail" as const,
  outcome,
  found,
});
const node = (changes: Partial<NodeComparison>): NodeComparison => ({
  node: "a",
  left: { state: "success", rows: 0, bytes: 0, elapsedMs: 1000, checks: [check("4", "passed")] },
  right: { state: "fail", rows: 5, bytes: 0, elapsedMs: 61_000, checks: [check("2", "failed")] },
  content: "unknown",
  ...changes,
});
const text = (...nodes: readonly NodeComparison[]): string => {
  const comparison: RunComparison = {
    left: { ...side, run: 1, elapsedMs: 7_500_000 },
    right: { ...side, run: 2, elapsedMs: null },
    isSameScript: false,
    areSameParameters: true,
    areSameInputs: false,
    nodes,
  };
  return comparisonText(comparison);
};

test("checks whose results differ are told with both", () => {
  expect(text(node({}))).toContain("check of a, rows >= 3: passed (4) → failed (2)");
  const same = node({}).right;
  expect(text(node({ left: same }))).not.toContain("check of");
  expect(text(node({ left: null }))).toContain("rows >= 3: not checked → failed (2)");
});

test("nodes of one run only, growth from nothing and long times are readable", () => {
  const lines = text(
    node({}),
    node({ node: "new", left: null }),
    node({ node: "old", right: null }),
  );
  expect(lines).toContain("2 h 5 min");
  expect(lines).toMatch(/^a +unknown +success +fail +0 +5 +\+5 +1\.00 s +1 min 1 s$/m);
  expect(lines).toMatch(/^new +unknown +- +fail +5 /m);
  expect(lines).toContain("script changed, parameters same, inputs changed");
});
