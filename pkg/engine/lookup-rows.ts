import type { LookupNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { correctedRows } from "./apply-corrections.ts";
import { leftBlock } from "./left-block.ts";
import { readerShare } from "./left-rows.ts";
import { LookupRows, rowsWithoutTrace } from "./lookup-block.ts";
import { lookupColumns } from "./lookup-code.ts";
import { mergeJoined } from "./lookup-merge.ts";
import { withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { broadcastSide } from "./right-cache.ts";
import { tableOutcome } from "./table-outcome.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/** Phase rows of lookups: a broadcast plan does all the work here, a partitioned plan merges what its joins left. */
export function lookupRows(context: NodeContext<LookupNode>): Promise<UnitOutcome> {
  return context.task.plan.lookup === "partitioned" ? mergeJoined(context) : broadcastRows(context);
}

/**
 * Unit = batch of left rows, each block of them against the whole right table. Memory: the right side (bounded by the plan), one
 * left block, one portion of pairs, the writer; nothing spills.
 */
const broadcastRows = (context: NodeContext<LookupNode>): Promise<UnitOutcome> =>
  withRejectedRows(context, (rejected) => lookUpShare(context, rejected));

async function lookUpShare(
  context: NodeContext<LookupNode>,
  rejected: RejectedRows,
): Promise<UnitOutcome> {
  const { node, progress } = context;
  const columns = lookupColumns(context);
  const share = await readerShare(context);
  const right = await broadcastSide(context, columns);
  const writer = new TableWriter(context, node.writer.indexes);
  const rows = new LookupRows(context, {
    take: (rowset) => writer.append(rowset),
    reject: (rows) => rejected.add(rows),
  });
  let [read, filtered] = [0, 0];
  for await (const { from, rowset } of share.blocks(columns.left)) {
    const block = leftBlock(rowset, columns.leftKey, (row) => from + row);
    await rows.block(block, [right], true);
    read += rowset.rows;
    filtered += rowsWithoutTrace(block);
    progress.advance(rowset.rows);
  }
  rows.check();
  checkCounts(`node ${node.name}, left rows`, share.to - share.from, [read]);
  return tableOutcome(writer, rejected, {
    read,
    filtered,
    ...(await correctedRows(context, share)),
  });
}
