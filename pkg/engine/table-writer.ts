import { concatRowsets, encodeChunk, sliceRowset, ValueHash, type Rowset } from "#pkg/rowset";
import type { Index } from "#pkg/script";
import { rowShare, type UnitOutcome } from "#pkg/workflow";
import { chunkBytesOf } from "./budget.ts";
import { IndexRuns } from "./index-runs.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { rowsetBytes } from "#pkg/table";
import type { UnitContext } from "./types.ts";

/**
 * Writes the rows of one batch: chunks, key runs of unique indexes, value hash. Memory: less than one chunk of pending rows, the
 * writes in flight and the buffers of the key runs (bounded, see IndexRuns). Non-unique indexes need no key runs: lookups build
 * their hash tables from the key columns of the chunks.
 */
export class TableWriter {
  private readonly sink: PieceSink;
  private readonly hash = new ValueHash();
  private readonly chunks: number[] = [];
  private readonly indexes: readonly IndexRuns[];
  private readonly limits: { readonly rows: number; readonly bytes: number };
  private pending: Rowset | undefined;
  /** Rows so far. */
  rows = 0;

  constructor(context: UnitContext, indexes: readonly Index[]) {
    const { task, ports } = context;
    this.sink = new PieceSink(ports.tables, placeOf(task));
    this.limits = {
      rows: task.constants.chunkRows,
      bytes: Math.min(task.constants.chunkBytes, chunkBytesOf(ports.memory)),
    };
    const unique = indexes.filter((index) => index.unique);
    const share = {
      partitions: task.plan.partitions,
      bytes: ports.memory / 8 / Math.max(1, unique.length),
    };
    this.indexes = unique.map((index) => new IndexRuns(index, this.sink, share));
  }

  async append(rowset: Rowset): Promise<void> {
    if (rowset.rows === 0) return;
    this.hash.update(rowset);
    for (const index of this.indexes) await index.append(rowset, this.rows);
    this.rows += rowset.rows;
    await this.cut(this.pending === undefined ? rowset : concatRowsets([this.pending, rowset]));
  }

  async finish(): Promise<Pick<UnitOutcome, "chunks" | "bytes" | "valueHash">> {
    if (this.pending !== undefined) await this.writeChunk(this.pending);
    this.pending = undefined;
    for (const index of this.indexes) await index.finish();
    await this.sink.end();
    return { chunks: this.chunks, bytes: this.sink.bytes, valueHash: this.hash.digest() };
  }

  /** Rows that make at least half a chunk are written as chunks of equal size; only a small block waits for the next one. */
  private async cut(rowset: Rowset): Promise<void> {
    const most = this.chunkRows(rowset);
    const { rows } = rowset;
    if (rows * 2 < most) {
      this.pending = rowset;
      return;
    }
    this.pending = undefined;
    const chunks = Math.ceil(rows / most);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const { from, to } = rowShare(rows, chunk, chunks);
      await this.writeChunk(sliceRowset(rowset, from, to));
    }
  }

  private chunkRows(rowset: Rowset): number {
    const perRow = Math.max(1, rowsetBytes(rowset) / rowset.rows);
    return Math.max(1, Math.min(this.limits.rows, Math.floor(this.limits.bytes / perRow)));
  }

  private async writeChunk(rowset: Rowset): Promise<void> {
    const piece = { kind: "chunk", name: "", part: 0, seq: this.chunks.length } as const;
    this.chunks.push(rowset.rows);
    await this.sink.put(piece, encodeChunk(rowset));
  }
}
