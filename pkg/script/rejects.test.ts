import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import type { RejectPolicy } from "./index.ts";
import { readScript } from "./read-script.ts";

const policies = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };

interface Settings {
  readonly node?: object;
  readonly reader?: object;
}

function read(
  kind: "file_table" | "table_file",
  { node = {}, reader = {} }: Settings,
  more: object = {},
) {
  const ofFile = kind === "file_table";
  const nodes = {
    read: {
      type: "file_table",
      r: {
        urls: ["a.csv"],
        csv: {},
        columns: { c: { csv: { col_hdr: "c" }, col_type: "int" } },
        ...(ofFile ? reader : {}),
      },
      w: { name: "t", fields: { c: { expression: "r.c", type: "int" } } },
      ...(ofFile ? node : {}),
    },
    write: {
      type: "table_file",
      r: { table: "t", ...(ofFile ? {} : reader) },
      w: {
        url_template: "o.csv",
        columns: [
          { csv: { header: "c", format: "%d" }, name: "c", expression: "r.c", type: "int" },
        ],
      },
      ...(ofFile ? {} : node),
    },
    ...more,
  };
  const text = JSON.stringify({ nodes, dependency_policies: policies });
  const { script, warnings } = readScript({ file: "s.json", text });
  const last = script.nodes.at(-1)?.rejects;
  return { rejects: script.nodes[ofFile ? 0 : 1]?.rejects, last, warnings };
}

const reject = { on_error: "reject" };
const fail = { on_error: "fail" };

test.each<[Settings, RejectPolicy | undefined]>([
  [{}, undefined],
  [{ node: fail, reader: fail }, undefined],
  [{ node: reject }, { records: true, rows: true }],
  [{ reader: reject }, { records: true, rows: false }],
  [
    { node: reject, reader: fail },
    { records: false, rows: true },
  ],
  [{ node: { ...reject, max_rejected: 3 } }, { records: true, rows: true, max: 3 }],
  [
    { node: fail, reader: { ...reject, max_rejected: 0 } },
    { records: true, rows: false, max: 0 },
  ],
])("on_error of a file reader and its node: %j", (settings, expected) => {
  expect(read("file_table", settings).rejects).toEqual(expected);
});

test.each<[Settings, RejectPolicy | undefined]>([
  [{ node: fail }, undefined],
  [{ node: reject }, { records: false, rows: true }],
  [{ reader: { ...reject, max_rejected: 2 } }, { records: false, rows: true, max: 2 }],
  [
    { node: reject, reader: reject },
    { records: false, rows: true },
  ],
])("a table reader has no cells, so on_error means the same there: %j", (settings, expected) => {
  expect(read("table_file", settings).rejects).toEqual(expected);
});

test("max_rejected without on_error: reject is a warning", () => {
  for (const settings of [{ node: { max_rejected: 3 } }, { reader: { max_rejected: 3 } }]) {
    const { rejects, warnings } = read("file_table", settings);
    expect(rejects).toBeUndefined();
    expect(warnings).toMatchObject([
      { code: "SHAPE", severity: "warning", message: "node read: max_rejected has no effect" },
    ]);
  }
});

test.each<["file_table" | "table_file", Settings, string]>([
  ["table_file", { node: fail, reader: reject }, "on_error"],
  [
    "file_table",
    { node: { ...reject, max_rejected: 3 }, reader: { max_rejected: 4 } },
    "max_rejected",
  ],
])("two different values for one thing are refused: %s %j", (kind, settings, key) => {
  const problems = (() => {
    try {
      return read(kind, settings).warnings;
    } catch (error) {
      return isFault(error) ? error.facts["problems"] : error;
    }
  })();
  expect(problems).toMatchObject([
    {
      code: "SHAPE",
      message: expect.stringContaining(`${key} of the node and of its reader differ`) as string,
    },
  ]);
});

const PARQUET = { columns: { c: { parquet: { col_name: "c" }, col_type: "int" } } };

test("the cells of a Parquet file are rejected like those of a text file", () => {
  expect(read("file_table", { node: reject, reader: PARQUET }).rejects).toEqual({
    records: true,
    rows: true,
  });
  expect(read("file_table", { reader: { ...PARQUET, ...reject } }).rejects).toEqual({
    records: true,
    rows: false,
  });
});

test.each([
  [reject, {}],
  [{}, reject],
])("a custom node may reject rows and records: %j %j", (node, reader) => {
  const custom = {
    type: "table_custom_tfm_table",
    custom_proc_type: "tag_and_denormalize",
    r: { table: "t", ...reader },
    p: { tag_field_name: "tag", tag_criteria: { a: "r.c > 0" } },
    w: { name: "u", fields: { tag: { expression: "p.tag", type: "string" } } },
    ...node,
  };
  expect(read("file_table", {}, { custom }).last).toEqual({ records: false, rows: true });
});

test("settings of the wrong shape at both places are problems of shape", () => {
  expect(() =>
    read("file_table", { node: { max_rejected: {} }, reader: { max_rejected: [] } }),
  ).toThrow();
});

test.each([
  ["parquet", { parquet: { col_name: "c" } }],
  ["ndjson", { ndjson: { col_name: "c" } }],
])("a column of %s without a type is a problem", (_kind, column) => {
  expect(() => read("file_table", { reader: { csv: undefined, columns: { c: column } } })).toThrow(
    /col_type/,
  );
});
