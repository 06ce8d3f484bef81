import { concatRowsets, hashKeys, keyColumns, type Column, type Rowset } from "#pkg/rowset";
import type { Index } from "#pkg/script";
import { forEachPartition, partitionRows } from "./partitions.ts";
import type { PieceSink } from "./piece-sink.ts";
import { rowsetBytes } from "#pkg/table";
import { COMBINED, SegmentWriter } from "./segments.ts";

/** Below this many rows per partition one combined segment is written instead of many tiny ones. */
const TINY_ROWS = 256;

export const HASH_COLUMN = "#hash";
export const POSITION_COLUMN = "#pos";
export const keyColumnName = (component: number): string => `#${component}`;

/**
 * Key runs of one unique index of one batch: hash, key components after the index's modifiers, position in the batch. Buffered up
 * to a budget, then spilled as one segment per hash partition; rows of a partition are in row order over all its segments.
 */
export class IndexRuns {
  private readonly index: Index;
  private readonly segments: SegmentWriter;
  private readonly share: { readonly partitions: number; readonly bytes: number };
  private buffer: Rowset[] = [];
  private bytes = 0;
  private spills = 0;

  constructor(
    index: Index,
    sink: PieceSink,
    share: { readonly partitions: number; readonly bytes: number },
  ) {
    this.index = index;
    this.segments = new SegmentWriter(sink, "index", index.name);
    this.share = share;
  }

  /** `start`: position in the batch of the first row. */
  async append(rowset: Rowset, start: number): Promise<void> {
    const keys = keyColumns(rowset, this.index.components);
    const columns = new Map<string, Column>();
    columns.set(HASH_COLUMN, {
      type: "int",
      values: new Float64Array(hashKeys(keys, rowset.rows)),
    });
    for (const [component, key] of keys.entries()) columns.set(keyColumnName(component), key);
    const positions = new Float64Array(rowset.rows);
    for (let row = 0; row < rowset.rows; row += 1) positions[row] = start + row;
    columns.set(POSITION_COLUMN, { type: "int", values: positions });
    const run = { rows: rowset.rows, columns };
    this.buffer.push(run);
    this.bytes += rowsetBytes(run);
    if (this.bytes >= this.share.bytes) await this.spill();
  }

  async finish(): Promise<void> {
    await this.spill();
    await this.segments.finish();
  }

  private async spill(): Promise<void> {
    if (this.buffer.length === 0) return;
    const all = concatRowsets(this.buffer);
    this.buffer = [];
    this.bytes = 0;
    const run = this.spills++;
    const { partitions } = this.share;
    if (partitions === 1 || all.rows < partitions * TINY_ROWS)
      return this.segments.put(COMBINED, run, all);
    const rows = partitionRows(hashesOf(all), partitions);
    await forEachPartition(all, rows, (part, rowset) => this.segments.put(part, run, rowset));
  }
}

/** The hash column as 32-bit numbers. */
export function hashesOf(run: Rowset): Uint32Array {
  const column = run.columns.get(HASH_COLUMN);
  return column?.type === "int" && column.values instanceof Float64Array
    ? new Uint32Array(column.values)
    : new Uint32Array(run.rows);
}
