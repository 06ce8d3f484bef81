import type { Rowset } from "#pkg/rowset";
import type { DistinctNode, TableTableNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { bufferBytesOf } from "./budget.ts";
import { applyHaving, evaluateFields, scopeOf, toStorage } from "./evaluate.ts";
import { readerShare, tableRowNames } from "./left-rows.ts";
import { LocalDistinct } from "./local-distinct.ts";
import { columnsUsed } from "./node-code.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of table_table and distinct_table. The latter drops repeats within the batch here and writes the others as candidates;
 * finish drops repeats among batches. Memory: one block of input rows, the writer, the keys of LocalDistinct; nothing spills.
 */
export async function tableRows(
  context: NodeContext<TableTableNode | DistinctNode>,
): Promise<UnitOutcome> {
  const { node, code, progress } = context;
  const share = await readerShare(context);
  const writer = new TableWriter(context, node.writer.indexes);
  const candidates = candidateFilter(context);
  const columns = columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );
  let [read, filtered, duplicates] = [0, 0, 0];
  for await (const { from, rowset } of share.blocks(columns)) {
    const names = tableRowNames(node.name, node.reader.table, from);
    const vectors = evaluateFields(code.fields, scopeOf("r", rowset.columns), rowset.rows, names);
    const kept = applyHaving(code.having, code.fields, vectors, { rows: rowset.rows, names });
    const stored = candidates(toStorage(code.fields, kept, names));
    await writer.append(stored);
    read += rowset.rows;
    filtered += rowset.rows - kept.rows;
    duplicates += kept.rows - stored.rows;
    progress.advance(rowset.rows);
  }
  checkCounts(`node ${node.name}`, share.to - share.from, [writer.rows, filtered, duplicates]);
  return {
    counts: { ...NO_ROWS, read, written: writer.rows, filtered, duplicates },
    ...(await writer.finish()),
  };
}

function candidateFilter({
  node,
  ports,
}: NodeContext<TableTableNode | DistinctNode>): (rowset: Rowset) => Rowset {
  const index = node.writer.indexes.find(({ unique }) => unique);
  if (node.kind !== "distinct_table" || index === undefined) return (rowset) => rowset;
  const distinct = new LocalDistinct(index.components, bufferBytesOf(ports.memory) / 2);
  return (rowset) => distinct.filter(rowset);
}
