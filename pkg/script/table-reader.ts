import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import type { TableReader } from "./script.ts";
import { hinted } from "./suggested.ts";
import { childOf, numberChild, textChild } from "./tree.ts";

const DEFAULT_ROWSET_SIZE = 1000;

/** `r` of every node that reads a table (spec/script.md 3.4). */
export function tableReader({ problems, tables }: Checking, node: NodeDraft): TableReader {
  const tree = childOf(node.tree, "r", "map");
  const table = textChild(tree, "table");
  const batches = numberChild(tree, "expected_batches_total");
  if (table !== undefined && table.value !== "" && !tables.has(table.value))
    problems.add(
      "TABLE_UNKNOWN",
      table,
      `node ${node.name}: no node of this script writes the table ${table.value}`,
      hinted(table.value, tables.keys()),
    );
  return {
    table: table?.value ?? "",
    rowsetSize: numberChild(tree, "rowset_size") || DEFAULT_ROWSET_SIZE,
    ...(batches === undefined ? {} : { batches: Math.max(1, batches) }),
  };
}

/** Fields that `r.` stands for; undefined when the source is not known. */
export const sourceFields = ({ tables }: Checking, reader: TableReader): Fields | undefined =>
  tables.get(reader.table)?.fields;
