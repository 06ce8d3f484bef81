import { concatRowsets, type Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { rejectedRowsOf, rowsetBytes } from "#pkg/table";
import { rowShare, type UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { bufferBytesOf } from "./budget.ts";
import { correctedRows } from "./apply-corrections.ts";
import { committedUnits, type CommittedUnit } from "./committed.ts";
import { readLeftCounts, sortedByNumber, type JoinedKind } from "./joined-rows.ts";
import { sourceManifest } from "./left-rows.ts";
import { mergeRuns } from "./merge-runs.ts";
import { withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { numbersOf, withoutNumbers } from "./row-numbers.ts";
import { runsOf } from "./segment-runs.ts";
import { SegmentReader, type Segment } from "./segments.ts";
import { tableOutcome } from "./table-outcome.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of a partitioned lookup: unit = declared batch; merges what the joins left for it back into left row order. Rows of one
 * left row come from one join unit, so run order keeps their right row order. Memory: the rows of
 * the batch while they fit their share, else two segments a run.
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
  for await (const rowset of inLeftOrder(
    await runsOfBatch(context, joins, "joined"),
    bufferBytesOf(ports.memory),
  )) {
    await writer.append(withoutNumbers(rowset));
    progress.advance(rowset.rows);
  }
  for await (const rowset of merged(await runsOfBatch(context, joins, "rejected")))
    await rejected.add(rejectedRowsOf(rowset));
  return tableOutcome(writer, rejected, {
    read,
    filtered,
    ...(await correctedRows(context, share)),
  });
}

/** Segments that one join unit left for this batch; each run is sorted by left row. */
interface JoinedRuns {
  readonly reader: SegmentReader;
  readonly segments: readonly Segment[];
}

async function runsOfBatch(
  { task, ports }: NodeContext<LookupNode>,
  joins: readonly CommittedUnit[],
  name: JoinedKind,
): Promise<readonly JoinedRuns[]> {
  const runs: JoinedRuns[] = [];
  for (const { place } of joins) {
    const reader = new SegmentReader(ports.tables, place, { kind: "shuffle", name });
    const segments = (await reader.segments()).filter((segment) => segment.part === task.unit);
    runs.push({ reader, segments });
  }
  return runs;
}

const merged = (runs: readonly JoinedRuns[]): AsyncGenerator<Rowset> =>
  mergeRuns(
    runs.flatMap(({ reader, segments }) => runsOf(reader, segments)),
    byNumber,
  );

/** Sorted at once while the rows fit into `limit` bytes, else merged run by run. */
async function* inLeftOrder(runs: readonly JoinedRuns[], limit: number): AsyncGenerator<Rowset> {
  const all = await readAll(runs, limit);
  if (all === undefined) yield* merged(runs);
  else if (all.rows > 0) yield sortedByNumber(all);
}

/** All rows, those of one left row in run order; undefined when they take more than `limit` bytes. */
async function readAll(runs: readonly JoinedRuns[], limit: number): Promise<Rowset | undefined> {
  const parts: Rowset[] = [];
  let bytes = 0;
  for (const { reader, segments } of runs)
    for (const segment of segments.toSorted((a, b) => a.run - b.run || a.seq - b.seq)) {
      const part = await reader.read(segment);
      parts.push(part);
      bytes += rowsetBytes(part);
      if (bytes > limit) return undefined;
    }
  return concatRowsets(parts);
}

const byNumber: Parameters<typeof mergeRuns>[1] = (rowset) => {
  const numbers = numbersOf(rowset);
  return (i, j) => (numbers[i] as number) - (numbers[j] as number);
};
