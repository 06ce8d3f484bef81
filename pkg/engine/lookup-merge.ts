import type { LookupNode } from "#pkg/script";
import { rowShare, type UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { committedUnits } from "./committed.ts";
import { readLeftCounts } from "./joined-rows.ts";
import { sourceManifest } from "./left-rows.ts";
import { mergeRuns, type RunSource } from "./merge-runs.ts";
import { numbersOf, withoutNumbers } from "./row-numbers.ts";
import { runsOf } from "./segment-runs.ts";
import { SegmentReader } from "./segments.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of a partitioned lookup: unit = declared batch; merges what the joins left for it back into left row order. Rows of one
 * left row come from one join unit, so run order keeps their right row order. Memory: two segments a run.
 */
export async function mergeJoined(context: NodeContext<LookupNode>): Promise<UnitOutcome> {
  const { task, ports, node, progress } = context;
  const sources: RunSource[] = [];
  let [read, filtered] = [0, 0];
  for (const { place } of await committedUnits(context, "join")) {
    const reader = new SegmentReader(ports.tables, place, { kind: "shuffle", name: "joined" });
    const segments = (await reader.segments()).filter((segment) => segment.part === task.unit);
    sources.push(...runsOf(reader, segments));
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
  for await (const rowset of mergeRuns(sources, byNumber)) {
    await writer.append(withoutNumbers(rowset));
    progress.advance(rowset.rows);
  }
  return {
    counts: { ...NO_ROWS, read, written: writer.rows, filtered },
    ...(await writer.finish()),
  };
}

const byNumber: Parameters<typeof mergeRuns>[1] = (rowset) => {
  const numbers = numbersOf(rowset);
  return (i, j) => (numbers[i] as number) - (numbers[j] as number);
};
