import { expect, test } from "vitest";
import { childrenOf, nodeNamed, ownerOfIndex, ownerOfTable, sourcesOf } from "./index.ts";
import { readScript } from "./read-script.ts";

const TEXT = `
nodes:
  read:
    type: file_table
    r: { urls: [a.csv], columns: { c: { col_type: int, csv: { col_hdr: c } } } }
    w: { name: t, fields: { a: { expression: r.c, type: int } }, indexes: { idx_t: unique(a) } }
  self:
    type: table_lookup_table
    r: { table: t }
    l: { index_name: idx_t, join_on: r.a, join_type: inner }
    w: { name: s, fields: { a: { expression: l.a, type: int } } }
  write:
    type: table_file
    r: { table: s }
    w: { url_template: o.csv, columns: [ { name: a, type: int, expression: r.a, csv: { header: a, format: "%d" } } ] }
dependency_policies: { p: { is_default: true } }
`;
const { script } = readScript({ file: "s.yaml", text: TEXT });

test("owners, sources and children are found by name, each child once", () => {
  expect(nodeNamed(script, "self").kind).toBe("table_lookup_table");
  expect(ownerOfTable(script, "s").name).toBe("self");
  expect(ownerOfIndex(script, "idx_t")).toMatchObject({
    node: { name: "read" },
    index: { unique: true },
  });
  expect(script.nodes.map((node) => sourcesOf(script, node))).toEqual([
    {},
    { reader: "read", lookup: "read" },
    { reader: "self" },
  ]);
  expect(script.nodes.map(({ name }) => childrenOf(script, name))).toEqual([
    ["self"],
    ["write"],
    [],
  ]);
});

test("a name that is not in the script is a defect of the caller", () => {
  expect(() => nodeNamed(script, "none")).toThrow("the script has no node none");
  expect(() => ownerOfTable(script, "none")).toThrow("the script has no table none");
  expect(() => ownerOfIndex(script, "none")).toThrow("the script has no index none");
  expect(() => childrenOf(script, "none")).toThrow("the script has no node none");
});
