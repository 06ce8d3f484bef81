import type { LookupNode } from "#pkg/script";
import { rejectedRowsOf } from "#pkg/table";
import { rowShare, type UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { committedUnits, type CommittedUnit } from "./committed.ts";
import { readLeftCounts, type JoinedKind } from "./joined-rows.ts";
import { sourceManifest } from "./left-rows.ts";
import { mergeRuns, type RunSource } from "./merge-runs.ts";
import { rejectedCounts, withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { numbersOf, withoutNumbers } from "./row-numbers.ts";
import { runsOf } from "./segment-runs.ts";
import { SegmentReader } from "./segments.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of a partitioned lookup: unit = declared batch; merges what the joins left for it back into left row order. Rows of one
 * left row come from one join unit, so run order keeps their right row order. Memory: two segments a run.
 */
export const mergeJoined = (context: NodeContext<LookupNode>): Promise<UnitOutcome> =>
  withRejectedRows(context, (rejected) => mergeBatch(context, rejected));

async function mergeBatch(
  context: NodeContext<LookupNode>,
  rejected: RejectedRows,
): Promise<UnitOutcome> {
  const { task, ports, node, progress } = context;
  const joins = await committedUnits(context, "join");
  let [read, filtered] = [0, 0];
  for (const { place } of joins) {
    for (const counts of await readLeftCounts(ports.tables, place)) {
      if (counts.batch !== task.unit) continue;
      read += counts.read;
      filtered += counts.filtered;
    }
  }
  const manifest = await sourceManifest(context, task.verdict.reader);
  const share = rowShare(manifest.rows, task.unit, task.plan.batches);
  checkCounts(`node ${node.name}, left rows`, share.to - share.from, [read]);
  const writer = new TableWriter(context, node.writer.indexes);
  for await (const rowset of mergeRuns(await runsOfBatch(context, joins, "joined"), byNumber)) {
    await writer.append(withoutNumbers(rowset));
    progress.advance(rowset.rows);
  }
  for await (const rowset of mergeRuns(await runsOfBatch(context, joins, "rejected"), byNumber))
    await rejected.add(rejectedRowsOf(rowset));
  return {
    counts: { ...NO_ROWS, read, written: writer.rows, filtered, ...rejectedCounts(rejected) },
    ...(await writer.finish()),
  };
}

/** What the joins left for this batch; each run is sorted by left row. */
async function runsOfBatch(
  { task, ports }: NodeContext<LookupNode>,
  joins: readonly CommittedUnit[],
  name: JoinedKind,
): Promise<readonly RunSource[]> {
  const sources: RunSource[] = [];
  for (const { place } of joins) {
    const reader = new SegmentReader(ports.tables, place, { kind: "shuffle", name });
    const segments = (await reader.segments()).filter((segment) => segment.part === task.unit);
    sources.push(...runsOf(reader, segments));
  }
  return sources;
}

const byNumber: Parameters<typeof mergeRuns>[1] = (rowset) => {
  const numbers = numbersOf(rowset);
  return (i, j) => (numbers[i] as number) - (numbers[j] as number);
};
