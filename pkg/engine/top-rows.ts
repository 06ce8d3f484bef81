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
import { SortedRuns } from "./sorted-runs.ts";
import { rowsetBytes } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/** Rows of a block of sorted output. */
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
  private readonly spilled: SortedRuns;
  private parts: Rowset[] = [];
  private bytes = 0;
  private rows = 0;

  /** `evaluate` gives the columns of rows that already passed `having`. */
  constructor(context: NodeContext<TableFileNode>, evaluate: (rowset: Rowset) => KeptRows) {
    const { task, ports, node } = context;
    this.context = context;
    this.evaluate = evaluate;
    this.order = node.writer.top?.order ?? [];
    this.limit = node.writer.top?.limit ?? Number.POSITIVE_INFINITY;
    this.spilled = new SortedRuns({
      task,
      ports,
      comparatorOf: (rowset) => orderComparator(this.keys(rowset), this.order),
      limit: this.limit,
    });
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
    if (this.spilled.isEmpty) {
      if (this.rows > 0) yield* this.blocks(this.takeSorted());
      return;
    }
    if (this.rows > 0) await this.spilled.spill(this.takeSorted());
    let left = this.limit;
    for await (const rowset of this.spilled.merged()) {
      yield* this.blocks(rowset.rows > left ? sliceRowset(rowset, 0, left) : rowset);
      left -= rowset.rows;
      if (left <= 0) return;
    }
  }

  private *blocks(rowset: Rowset): Generator<KeptRows> {
    for (let at = 0; at < rowset.rows; at += BLOCK_ROWS)
      yield this.evaluate(sliceRowset(rowset, at, Math.min(rowset.rows, at + BLOCK_ROWS)));
  }

  private async compact(full: boolean): Promise<void> {
    const before = this.bytes;
    const sorted = this.takeSorted();
    const bytes = rowsetBytes(sorted);
    if (full && bytes > before / 2) return this.spilled.spill(sorted);
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
