import { sliceRowset, type Rowset } from "#pkg/rowset";
import type { UnitTask } from "#pkg/workflow";
import type { TableStore } from "#pkg/store";
import { rowsetBytes } from "#pkg/table";
import { bufferBytesOf } from "./budget.ts";
import { mergeRuns, type ComparatorOf, type RunSource } from "./merge-runs.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { runsOf } from "./segment-runs.ts";
import { SegmentReader, SegmentWriter } from "./segments.ts";

/** A merge holds a block of so many runs, which are all runs of 32 buffers of rows. */
const MOST_MERGED = 32;
/** Blocks are such a part of a buffer, so that those of one merge and what it makes of them are about one. */
const BLOCKS_PER_BUFFER = 64;
const MOST_BLOCK_ROWS = 8192;

export interface SortedRunsOptions {
  readonly task: UnitTask;
  readonly ports: { readonly tables: TableStore; readonly memory: number };
  /** Order of rows; rows that are equal keep the order in which they were spilled. */
  readonly comparatorOf: ComparatorOf;
  /** Rows behind so many are never asked for. */
  readonly limit: number;
}

/**
 * Sorted runs of rows in the table store and what merges them. Memory: a block of each of 32 runs, however many there are: more are
 * first merged into longer ones, which writes and reads their rows once more for each 32 times as many.
 */
export class SortedRuns {
  private readonly options: SortedRunsOptions;
  private readonly sink: PieceSink;
  private readonly blockBytes: number;
  private pass = 0;
  private segments: SegmentWriter;
  private runs = 0;

  constructor(options: SortedRunsOptions) {
    this.options = options;
    this.sink = new PieceSink(options.ports.tables, placeOf(options.task));
    this.blockBytes = bufferBytesOf(options.ports.memory) / BLOCKS_PER_BUFFER;
    this.segments = this.writer();
  }

  get isEmpty(): boolean {
    return this.runs === 0;
  }

  /** Rows in order, one run. */
  async spill(sorted: Rowset): Promise<void> {
    const run = this.runs++;
    await this.put(run, sorted);
  }

  /** All rows in order, at least up to the limit; called once, when the last run was spilled. */
  async *merged(): AsyncGenerator<Rowset> {
    let sources = await this.finishPass();
    while (sources.length > MOST_MERGED) {
      this.pass += 1;
      this.segments = this.writer();
      for (let first = 0; first < sources.length; first += MOST_MERGED)
        await this.mergeInto(first / MOST_MERGED, sources.slice(first, first + MOST_MERGED));
      sources = await this.finishPass();
    }
    yield* mergeRuns(sources, this.options.comparatorOf);
  }

  private async mergeInto(run: number, sources: readonly RunSource[]): Promise<void> {
    let left = this.options.limit;
    for await (const rowset of mergeRuns(sources, this.options.comparatorOf)) {
      await this.put(run, rowset.rows > left ? sliceRowset(rowset, 0, left) : rowset);
      left -= rowset.rows;
      if (left <= 0) return;
    }
  }

  private async put(run: number, rowset: Rowset): Promise<void> {
    const perBlock = Math.floor((this.blockBytes * rowset.rows) / rowsetBytes(rowset));
    const rows = Math.max(1, Math.min(MOST_BLOCK_ROWS, perBlock));
    for (let at = 0; at < rowset.rows; at += rows)
      await this.segments.put(run, run, sliceRowset(rowset, at, Math.min(rowset.rows, at + rows)));
  }

  private async finishPass(): Promise<readonly RunSource[]> {
    await this.segments.finish();
    await this.sink.end();
    const { ports, task } = this.options;
    const reader = new SegmentReader(ports.tables, placeOf(task), {
      kind: "shuffle",
      name: this.name,
    });
    return runsOf(reader, await reader.segments());
  }

  private writer(): SegmentWriter {
    return new SegmentWriter(this.sink, "shuffle", this.name);
  }

  private get name(): string {
    return this.pass === 0 ? "sort" : `sort-${this.pass}`;
  }
}
