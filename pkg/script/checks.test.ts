/* eslint-disable unicorn/no-thenable -- `then` is a key of the script language */
import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import type { Problem } from "./index.ts";
import { readScript } from "./read-script.ts";

const policies = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };

function read(checks: readonly unknown[], ofFile: readonly unknown[] = []) {
  const nodes = {
    read: {
      type: "file_table",
      r: { urls: ["a.csv"], csv: {}, columns: { c: { csv: { col_hdr: "c" }, col_type: "int" } } },
      w: { name: "t", fields: { c: { expression: "r.c", type: "int" } } },
      ...(checks.length > 0 ? { checks } : {}),
    },
    write: {
      type: "table_file",
      r: { table: "t" },
      w: {
        url_template: "o.csv",
        columns: [
          { csv: { header: "c", format: "%d" }, name: "c", expression: "r.c", type: "int" },
        ],
      },
      ...(ofFile.length > 0 ? { checks: ofFile } : {}),
    },
  };
  const text = JSON.stringify({ nodes, dependency_policies: policies });
  return readScript({ file: "s.json", text }).script;
}

function problemsOf(...args: Parameters<typeof read>): readonly Problem[] {
  try {
    read(...args);
    return [];
  } catch (error) {
    if (isFault(error)) return error.facts["problems"] as readonly Problem[];
    throw error;
  }
}

test("every condition of an item is a check of its own", () => {
  const item = {
    rows: { min: 1, max: 5 },
    expression: "sum(w.c) > 0",
    last_good: { rows_change_percent: 10 },
    then: "fail",
    desc: "all there",
  };
  const common = { severity: "fail", description: "all there" };
  expect(read([item, { rows: { max: 9 }, then: "warn" }]).nodes[0]?.checks).toEqual([
    { kind: "rows", min: 1, max: 5, ...common },
    { kind: "expression", expression: "sum(w.c) > 0", ...common },
    { kind: "last_good", rowsChangePercent: 10, ...common },
    { kind: "rows", max: 9, severity: "warn", description: "" },
  ]);
  expect(read([]).nodes[0]).not.toHaveProperty("checks");
  expect(read([], [{ rows: { min: 1 }, then: "warn" }]).nodes[1]?.checks).toHaveLength(1);
});

const expression = (text: string) => [{ expression: text, then: "warn" }];

test.each<[string, Parameters<typeof read>, string, string]>([
  [
    "bounds that exclude everything",
    [[{ rows: { min: 2, max: 1 }, then: "warn" }]],
    "LIMIT",
    "node read, check 1: min 2 is above max 1",
  ],
  [
    "hold",
    [[{ rows: { min: 2 }, then: "hold" }]],
    "NOT_AVAILABLE",
    "node read, check 1: hold is not available",
  ],
  [
    "last_approved",
    [[{ last_approved: { rows_change_percent: 1 }, then: "warn" }]],
    "NOT_AVAILABLE",
    "node read, check 1: last_approved is not available",
  ],
  [
    "an expression about a file",
    [[], expression("count() > 1")],
    "SHAPE",
    "node write, check 1: the rows of a file cannot be checked by an expression",
  ],
  [
    "an empty expression",
    [expression(" ")],
    "EXPRESSION_EMPTY",
    "node read, check 1: the expression is empty",
  ],
  ["a syntax error", [expression("count( > 1")], "EXPRESSION_SYNTAX", "node read, check 1: "],
  [
    "an unknown field",
    [expression("sum(w.d) > 1")],
    "FIELD_UNKNOWN",
    "node read, check 1: there is no field w.d",
  ],
  [
    "a field of the source",
    [expression("sum(r.c) > 1")],
    "FIELD_UNKNOWN",
    "node read, check 1: r.c cannot be used here",
  ],
  [
    "a field outside of an aggregate",
    [expression("w.c > 1")],
    "AGGREGATE_PLACE",
    "node read, check 1: w.c has no single value for a table",
  ],
  ["a number", [expression("count()")], "EXPRESSION_TYPE", "node read, check 1: the result is int"],
])("%s is refused", (_, nodes, code, message) => {
  expect(problemsOf(...nodes)).toMatchObject([
    { code, message: expect.stringContaining(message) as string },
  ]);
});

test("items of the wrong shape stop no other check", () => {
  const codes = problemsOf([5, { then: "warn", rows: 5 }, { expression: "w.c", then: "warn" }]).map(
    ({ code }) => code,
  );
  expect(codes).toContain("AGGREGATE_PLACE");
  expect(codes.filter((code) => code === "SHAPE").length).toBeGreaterThan(1);
});

test("an expression check of a node without a table is not judged", () => {
  const text = JSON.stringify({
    nodes: {
      read: { type: "file_table", checks: [{ expression: "count() > 0", then: "fail" }] },
    },
    dependency_policies: policies,
  });
  expect(() => readScript({ file: "s.json", text })).toThrow();
});
