import { expect, test } from "vitest";
import { toDot } from "./index.ts";
import { readScript } from "#pkg/script/reading";

const TEXT = `
nodes:
  'read "a" {x}':
    type: file_table
    desc: 'reads "all"'
    r: { urls: ['in\\a"1".csv', b.csv], columns: { c: { col_type: int, csv: { col_hdr: c } } } }
    w: { name: t, fields: { a: { expression: r.c, type: int } }, indexes: { idx_t: unique(a) } }
  look:
    type: table_lookup_table
    start_policy: manual
    r: { table: t, expected_batches_total: 3 }
    l: { index_name: idx_t, join_on: r.a, join_type: left, group: true }
    w: { name: s, fields: { a: { expression: r.a + r.a, type: int }, n: { expression: sum(l.a * r.a), type: int } } }
  each:
    type: table_lookup_table
    r: { table: t }
    l: { index_name: idx_t, join_on: r.a, join_type: inner }
    w: { name: u, fields: { a: { expression: '1', type: int } } }
  write:
    type: table_file
    r: { table: s }
    w: { url_template: 'o|{batch_idx}.csv', columns: [ { name: a, type: int, expression: r.a, csv: { header: a, format: "%d" } } ] }
dependency_policies: { p: { is_default: true } }
`;
const { script } = readScript({ file: "s.yaml", text: TEXT.replace("{x}", "x|y") });

test("tables, files and edges appear in script order, with every name escaped", () => {
  expect(toDot(script, { indexes: false, fields: false })).toMatchInlineSnapshot(`
    "digraph idx_fields {
      graph [rankdir="TD",fontname="Helvetica",splines=true,pad=0.5,ranksep=0.5,nodesep=0.5];
      node [fontname="Helvetica",shape="record",fontsize=20];
      edge [fontname="Helvetica",fontsize=18];
      "in\\\\a\\"1\\".csv" [shape="folder",label="in\\\\a\\"1\\".csv\\nb.csv"];
      "t" [shape="record",penwidth=1,style="filled",fillcolor="white",label="{read \\"a\\" x\\|y|creates table:\\nt}",tooltip="reads \\"all\\""];
      "s" [shape="record",penwidth=6,style="filled",fillcolor="white",label="{look|creates table:\\ns|group, left join}",tooltip=""];
      "u" [shape="record",penwidth=1,style="filled",fillcolor="white",label="{each|creates table:\\nu|no group, inner join}",tooltip=""];
      "write" [shape="record",penwidth=1,style="filled",fillcolor="white",label="{write|creates file:\\no\\|\\{batch_idx\\|string\\}.csv}",tooltip=""];
      "o|{batch_idx|string}.csv" [shape="note",label="o|{batch_idx|string}.csv"];
      "in\\\\a\\"1\\".csv" -> "t" [style="dotted"];
      "t" -> "s" [style="solid"];
      "t" -> "s" [style="dashed"];
      "t" -> "u" [style="solid"];
      "t" -> "u" [style="dashed"];
      "s" -> "write" [style="solid"];
      "write" -> "o|{batch_idx|string}.csv" [style="dotted"];
    }
    "
  `);
});

test("details go on the edges: tables and batches, indexes, fields", () => {
  const both = toDot(script, { indexes: true, fields: true });
  expect(both.split("\n").filter((line) => line.includes("->"))).toMatchInlineSnapshot(`
    [
      "  "in\\\\a\\"1\\".csv" -> "t" [style="dotted",label="c\\l"];",
      "  "t" -> "s" [style="solid",label="t (3 batches)\\la\\l"];",
      "  "t" -> "s" [style="dashed",label="idx_t (lookup)\\la\\l"];",
      "  "t" -> "u" [style="solid",label="t (no parallelism)\\l"];",
      "  "t" -> "u" [style="dashed",label="idx_t (lookup)\\l"];",
      "  "s" -> "write" [style="solid",label="s (no parallelism)\\la\\l"];",
      "  "write" -> "o|{batch_idx|string}.csv" [style="dotted",label="a\\l"];",
    ]
  `);
  const indexes = toDot(script, { indexes: true, fields: false });
  expect(indexes).toContain('label="t (3 batches)\\l"];');
});

test("statuses fill nodes with the colours of the reference", () => {
  const codes = new Map([
    ["look", 1],
    ["each", 2],
    ["write", 104],
    [String(script.nodes[0]?.name), 7],
  ]);
  const text = toDot(script, { indexes: true, fields: false, statuses: codes });
  const colors = [...text.matchAll(/^ {2}"([^"\\]+)" \[shape="record".*fillcolor="(\w+)"/gm)];
  expect(colors.map(([, id, color]) => [id, color])).toEqual([
    ["t", "cyan"],
    ["s", "lightblue"],
    ["u", "green"],
    ["write", "orangered"],
  ]);
});
