import type { Rowset } from "#pkg/rowset";
import type { DistinctNode, TableTableNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { correctedRows } from "./apply-corrections.ts";
import { bufferBytesOf } from "./budget.ts";
import { readerShare, tableRowNames } from "./left-rows.ts";
import { LocalDistinct } from "./local-distinct.ts";
import { columnsUsed } from "./node-code.ts";
import { withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { rejectedTableRows } from "./rejected-table-rows.ts";
import { evaluateStored } from "./surviving-rows.ts";
import { tableOutcome } from "./table-outcome.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

type Context = NodeContext<TableTableNode | DistinctNode>;

/**
 * Phase rows of table_table and distinct_table. The latter drops repeats within the batch here and writes the others as candidates;
 * finish drops repeats among batches. Memory: one block of input rows, the writer, the keys of LocalDistinct; nothing spills.
 */
export const tableRows = (context: Context): Promise<UnitOutcome> =>
  withRejectedRows(context, (rejected) => evaluateShare(context, rejected));

async function evaluateShare(context: Context, rejected: RejectedRows): Promise<UnitOutcome> {
  const { node, code, progress } = context;
  const share = await readerShare(context);
  const writer = new TableWriter(context, node.writer.indexes);
  const candidates = candidateFilter(context);
  const columns = columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );
  const rejects = node.rejects?.rows === true;
  let [read, filtered, duplicates] = [0, 0, 0];
  for await (const { from, rowset } of share.blocks(columns)) {
    const names = tableRowNames(node.name, node.reader.table, from);
    const { result, failed } = evaluateStored(code, { ...rowset, names }, rejects);
    const stored = candidates(result);
    await writer.append(stored);
    await rejected.add(rejectedTableRows(context, rowset, failed, (row) => from + row));
    read += rowset.rows;
    filtered += rowset.rows - failed.length - result.rows;
    duplicates += result.rows - stored.rows;
    progress.advance(rowset.rows);
  }
  const parts = [writer.rows, filtered, rejected.rejected, rejected.waived, duplicates];
  checkCounts(`node ${node.name}`, share.to - share.from, parts);
  const counts = { read, filtered, duplicates, ...(await correctedRows(context, share)) };
  return tableOutcome(writer, rejected, counts);
}

function candidateFilter({ node, ports }: Context): (rowset: Rowset) => Rowset {
  const index = node.writer.indexes.find(({ unique }) => unique);
  if (node.kind !== "distinct_table" || index === undefined) return (rowset) => rowset;
  const distinct = new LocalDistinct(index.components, bufferBytesOf(ports.memory) / 2);
  return (rowset) => distinct.filter(rowset);
}
