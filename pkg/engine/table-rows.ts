import type { DistinctNode, TableTableNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { applyHaving, evaluateFields, scopeOf, toStorage } from "./evaluate.ts";
import { readerShare, tableRowNames } from "./left-rows.ts";
import { columnsUsed } from "./node-code.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of table_table and distinct_table (which writes candidates; finish drops the duplicates). Memory: one block of input
 * rows and the writer; nothing spills.
 */
export async function tableRows(
  context: NodeContext<TableTableNode | DistinctNode>,
): Promise<UnitOutcome> {
  const { node, code, progress } = context;
  const share = await readerShare(context);
  const writer = new TableWriter(context, node.writer.indexes);
  const columns = columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );
  let [read, filtered] = [0, 0];
  for await (const { from, rowset } of share.blocks(columns)) {
    const names = tableRowNames(node.name, node.reader.table, from);
    const vectors = evaluateFields(code.fields, scopeOf("r", rowset.columns), rowset.rows, names);
    const kept = applyHaving(code.having, code.fields, vectors, { rows: rowset.rows, names });
    await writer.append(toStorage(code.fields, kept, names));
    read += rowset.rows;
    filtered += rowset.rows - kept.rows;
    progress.advance(rowset.rows);
  }
  checkCounts(`node ${node.name}`, share.to - share.from, [writer.rows, filtered]);
  return {
    counts: { ...NO_ROWS, read, written: writer.rows, filtered },
    ...(await writer.finish()),
  };
}
