import { expect, test } from "vitest";
import { aFileTable, anIndex, aScript, aTableFile } from "../workflow/test-support/build.ts";
import { tableCql } from "#pkg/operator";

const read = aFileTable("read");
const fields = (["int", "float", "decimal2", "string", "bool", "datetime"] as const).map(
  (type) => ({
    name: `f_${type}`,
    type,
    expression: "r.id",
    defaultText: "",
  }),
);
const indexes = [anIndex("idx_once", true), anIndex("idx_many")];
const script = aScript([
  { ...read, writer: { ...read.writer, fields, indexes } },
  aTableFile("write", "read"),
]);
const nodes = ["read", "write"];

test("the statements of a run: workflow tables, counter, then tables and indexes of every node", () => {
  const lines = tableCql(script, { keyspace: "ks", run: 7, nodes }).trimEnd().split("\n");
  expect(lines.slice(0, 5).map((line) => /ks\.(\w+)/.exec(line)?.[1])).toEqual([
    "wf_run_counter",
    "wf_run_history",
    "wf_run_properties",
    "wf_node_history",
    "wf_batch_history",
  ]);
  expect(lines.slice(5)).toEqual([
    "INSERT INTO ks.wf_run_counter ( ks, last_run ) VALUES ( 'ks', 0 ) IF NOT EXISTS;",
    "-- read",
    "CREATE TABLE IF NOT EXISTS ks.t_read_00007 ( rowid BIGINT, batch_idx BIGINT, f_int BIGINT, f_float DOUBLE, f_decimal2 DECIMAL, f_string TEXT, f_bool BOOLEAN, f_datetime TIMESTAMP, PRIMARY KEY(rowid) );",
    "CREATE TABLE IF NOT EXISTS ks.idx_once_00007 ( key TEXT, rowid BIGINT, PRIMARY KEY(key) );",
    "CREATE TABLE IF NOT EXISTS ks.idx_many_00007 ( key TEXT, rowid BIGINT, PRIMARY KEY(key, rowid) );",
  ]);
});

test("run 0 marks the statements of tables as invalid", () => {
  const lines = tableCql(script, { keyspace: "ks", run: 0, nodes }).trimEnd().split("\n");
  expect(lines.filter((line) => line.startsWith("INVALID RUN ID 0: CREATE TABLE"))).toHaveLength(3);
});
