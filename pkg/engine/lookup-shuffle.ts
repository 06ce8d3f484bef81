import { concatRowsets, hashKeys, keyColumns, type Rowset } from "#pkg/rowset";
import type { KeyComponent, LookupNode } from "#pkg/script";
import { rowShare, type Manifest, type RowRange, type UnitOutcome } from "#pkg/workflow";
import { checkCounts, emptyOutcome } from "./accounting.ts";
import { correctedBlocks } from "./apply-corrections.ts";
import { blockBytesOf, bufferBytesOf } from "./budget.ts";
import { sourceManifest } from "./left-rows.ts";
import { lookupColumns } from "./lookup-code.ts";
import { forEachPartition, partitionRows } from "./partitions.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { readTable, rowsetBytes } from "#pkg/table";
import { withNumbers } from "./row-numbers.ts";
import { SegmentWriter } from "./segments.ts";
import type { NodeContext } from "./types.ts";

/** Rows one unit sends to the joins. */
interface ShuffleSource extends RowRange {
  readonly side: "left" | "right";
  readonly manifest: Manifest;
  readonly columns: readonly string[];
  readonly key: readonly KeyComponent[];
}

/**
 * Phase shuffle of partitioned lookups: units 0..L-1 are the left batches, the units after them the batches of the right manifest.
 * Rows go to the partition of their key hash, each with its visible position, in row order within a partition. Memory: rows are
 * buffered up to their share and then spilled as one segment a partition.
 */
export async function shuffleRows(context: NodeContext<LookupNode>): Promise<UnitOutcome> {
  const { task, ports, node, progress } = context;
  const source = await sourceOf(context);
  const sink = new PieceSink(ports.tables, placeOf(task));
  const buffer = new ShuffleBuffer(new SegmentWriter(sink, "shuffle", source.side), source, {
    partitions: task.plan.partitions,
    bytes: bufferBytesOf(ports.memory),
  });
  const { from, to, columns } = source;
  const blocks = readTable(ports.tables, source.manifest, {
    from,
    to,
    columns,
    blockBytes: blockBytesOf(ports.memory),
  });
  let read = 0;
  const isLeft = source.side === "left";
  for await (const { from, rowset } of isLeft ? correctedBlocks(context, blocks) : blocks) {
    await buffer.add(withNumbers(rowset, (row) => from + row));
    read += rowset.rows;
    progress.advance(rowset.rows);
  }
  checkCounts(`node ${node.name}, shuffle`, to - from, [buffer.written + buffer.pending]);
  await buffer.finish();
  await sink.end();
  return { ...emptyOutcome({ read, written: buffer.written }), bytes: sink.bytes };
}

async function sourceOf(context: NodeContext<LookupNode>): Promise<ShuffleSource> {
  const { task, node } = context;
  const columns = lookupColumns(context);
  const left = task.unit < task.plan.batches;
  const manifest = await sourceManifest(context, left ? task.verdict.reader : task.verdict.lookup);
  return left
    ? {
        side: "left",
        manifest,
        columns: columns.left,
        key: columns.leftKey,
        ...rowShare(manifest.rows, task.unit, task.plan.batches),
      }
    : {
        side: "right",
        manifest,
        columns: columns.right,
        key: node.lookup.components,
        ...batchRange(manifest, task.unit - task.plan.batches),
      };
}

/** Visible positions of one batch of a manifest. */
function batchRange(manifest: Manifest, index: number): RowRange {
  let from = 0;
  for (const [at, batch] of manifest.batches.entries()) {
    if (at === index) return { from, to: from + batch.rows };
    from += batch.rows;
  }
  return { from, to: from };
}

class ShuffleBuffer {
  private readonly segments: SegmentWriter;
  private readonly key: readonly KeyComponent[];
  private readonly limits: { readonly partitions: number; readonly bytes: number };
  private parts: Rowset[] = [];
  private bytes = 0;
  private spills = 0;
  pending = 0;
  written = 0;

  constructor(
    segments: SegmentWriter,
    source: Pick<ShuffleSource, "key">,
    limits: { readonly partitions: number; readonly bytes: number },
  ) {
    this.segments = segments;
    this.key = source.key;
    this.limits = limits;
  }

  async add(rowset: Rowset): Promise<void> {
    this.parts.push(rowset);
    this.pending += rowset.rows;
    this.bytes += rowsetBytes(rowset);
    if (this.bytes >= this.limits.bytes) await this.spill();
  }

  async finish(): Promise<void> {
    await this.spill();
    await this.segments.finish();
  }

  private async spill(): Promise<void> {
    if (this.parts.length === 0) return;
    const all = concatRowsets(this.parts);
    this.parts = [];
    const run = this.spills++;
    const hashes = hashKeys(keyColumns(all, this.key), all.rows);
    await forEachPartition(
      all,
      partitionRows(hashes, this.limits.partitions),
      async (part, rowset) => {
        this.written += rowset.rows;
        await this.segments.put(part, run, rowset);
      },
    );
    this.pending = 0;
    this.bytes = 0;
  }
}
