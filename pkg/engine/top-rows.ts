import {
  concatRowsets,
  gatherRowset,
  orderComparator,
  sliceRowset,
  sortPermutation,
  type Rowset,
  type Vector,
} from "#pkg/rowset";
import type { KeyComponent, TableFileNode } from "#pkg/script";
import { bufferBytesOf } from "./budget.ts";
import type { KeptRows } from "./evaluate.ts";
import { mergeRuns } from "./merge-runs.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { rowsetBytes } from "#pkg/table";
import { runsOf } from "./segment-runs.ts";
import { SegmentReader, SegmentWriter } from "./segments.ts";
import type { NodeContext } from "./types.ts";

/** Rows of a block of sorted output and of a segment of a spilled run. */
const BLOCK_ROWS = 8192;

/**
 * The first `limit` rows by `top.order`, ties by row id (spec/script.md 8). Source rows are kept, not their evaluated columns, because
 * only source rows can be stored exactly; columns are evaluated again for the rows that are written. Memory: rows are buffered up to
 * their share; when it is full they are sorted and cut to the limit, and if that does not halve them, spilled as a sorted run.
 */
export class TopRows {
  private readonly context: NodeContext<TableFileNode>;
  private readonly evaluate: (rowset: Rowset) => KeptRows;
  private readonly order: readonly KeyComponent[];
  private readonly limit: number;
  private readonly sink: PieceSink;
  private readonly segments: SegmentWriter;
  private parts: Rowset[] = [];
  private bytes = 0;
  private rows = 0;
  private runs = 0;

  /** `evaluate` gives the columns of rows that already passed `having`. */
  constructor(context: NodeContext<TableFileNode>, evaluate: (rowset: Rowset) => KeptRows) {
    const { task, ports, node } = context;
    this.context = context;
    this.evaluate = evaluate;
    this.order = node.writer.top?.order ?? [];
    this.limit = node.writer.top?.limit ?? Number.POSITIVE_INFINITY;
    this.sink = new PieceSink(ports.tables, placeOf(task));
    this.segments = new SegmentWriter(this.sink, "shuffle", "sort");
  }

  /** Source rows of a block; `kept`: those that passed `having`, undefined for all. */
  async add(block: Rowset, kept: Int32Array | undefined): Promise<void> {
    const rowset = kept === undefined ? block : gatherRowset(block, kept);
    if (rowset.rows === 0) return;
    this.parts.push(rowset);
    this.rows += rowset.rows;
    this.bytes += rowsetBytes(rowset);
    const full = this.bytes >= bufferBytesOf(this.context.ports.memory);
    if (full || this.rows >= Math.max(4 * BLOCK_ROWS, 2 * this.limit)) await this.compact(full);
  }

  /** Evaluated rows in order. */
  async *sorted(): AsyncGenerator<KeptRows> {
    if (this.runs === 0) {
      if (this.rows > 0) yield* this.blocks(this.takeSorted());
      return;
    }
    if (this.rows > 0) await this.spill(this.takeSorted());
    await this.segments.finish();
    await this.sink.end();
    let left = this.limit;
    for await (const rowset of this.merged()) {
      yield* this.blocks(rowset.rows > left ? sliceRowset(rowset, 0, left) : rowset);
      left -= rowset.rows;
      if (left <= 0) return;
    }
  }

  private async *merged(): AsyncGenerator<Rowset> {
    const { task, ports } = this.context;
    const reader = new SegmentReader(ports.tables, placeOf(task), {
      kind: "shuffle",
      name: "sort",
    });
    const sources = runsOf(reader, await reader.segments());
    yield* mergeRuns(sources, (rowset) => orderComparator(this.keys(rowset), this.order));
  }

  private *blocks(rowset: Rowset): Generator<KeptRows> {
    for (let at = 0; at < rowset.rows; at += BLOCK_ROWS)
      yield this.evaluate(sliceRowset(rowset, at, Math.min(rowset.rows, at + BLOCK_ROWS)));
  }

  private async compact(full: boolean): Promise<void> {
    const before = this.bytes;
    const sorted = this.takeSorted();
    const bytes = rowsetBytes(sorted);
    if (full && bytes > before / 2) return this.spill(sorted);
    this.parts = [sorted];
    this.rows = sorted.rows;
    this.bytes = bytes;
  }

  /** The buffered rows in order, cut to the limit; the buffer is empty afterwards. */
  private takeSorted(): Rowset {
    const all = concatRowsets(this.parts);
    this.parts = [];
    this.rows = 0;
    this.bytes = 0;
    const positions = sortPermutation(this.keys(all), this.order, all.rows);
    return gatherRowset(
      all,
      positions.length > this.limit ? positions.slice(0, this.limit) : positions,
    );
  }

  private async spill(sorted: Rowset): Promise<void> {
    const run = this.runs++;
    for (let at = 0; at < sorted.rows; at += BLOCK_ROWS)
      await this.segments.put(
        run,
        run,
        sliceRowset(sorted, at, Math.min(sorted.rows, at + BLOCK_ROWS)),
      );
  }

  /** The output columns that the order names; the last one wins when names repeat. */
  private keys(rowset: Rowset): readonly Vector[] {
    const { vectors } = this.evaluate(rowset);
    const { fields } = this.context.code;
    return this.order.map(
      (component) =>
        vectors[fields.findLastIndex((field) => field.name === component.field)] as Vector,
    );
  }
}
