import {
  columnFrom,
  concatRowsets,
  decodeChunk,
  encodeChunk,
  gatherRowset,
  sliceRowset,
  sortByNumbers,
  valueAt,
  type Rowset,
} from "#pkg/rowset";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";
import { batchOfRow } from "#pkg/workflow";
import type { LeftBlock } from "./left-block.ts";
import type { PieceSink } from "./piece-sink.ts";
import { numbersOf, withNumbers } from "./row-numbers.ts";
import { rowsetBytes } from "#pkg/table";
import { SegmentWriter } from "./segments.ts";

/** Rows of one segment; a merge holds one segment a run. */
const SEGMENT_ROWS = 4096;

export interface LeftShares {
  readonly rows: number;
  readonly batches: number;
}

const countsPiece: Piece = { kind: "shuffle", name: "counts", part: 0, seq: 0 };

/** What became of the left rows of one declared batch. */
export interface LeftCounts {
  readonly batch: number;
  readonly read: number;
  readonly filtered: number;
}

/** What a join leaves for the merge: rows of the target, and rejected ones. */
export type JoinedKind = "joined" | "rejected";

/** Rows of a join as runs sorted by left row and cut by declared batch (part). */
export class JoinedWriter {
  private readonly segments: SegmentWriter;
  private readonly shares: LeftShares;
  private readonly limit: number;
  private parts: Rowset[] = [];
  private bytes = 0;
  private runs = 0;

  constructor(sink: PieceSink, kind: JoinedKind, shares: LeftShares, limit: number) {
    this.segments = new SegmentWriter(sink, "shuffle", kind);
    this.shares = shares;
    this.limit = limit;
  }

  async add(rowset: Rowset, left: Int32Array, block: LeftBlock): Promise<void> {
    const numbered = withNumbers(rowset, (row) => block.numberOf(left[row] as number));
    this.parts.push(numbered);
    this.bytes += rowsetBytes(numbered);
    if (this.bytes >= this.limit) await this.spill();
  }

  async finish(): Promise<void> {
    await this.spill();
    await this.segments.finish();
  }

  private async spill(): Promise<void> {
    if (this.parts.length === 0) return;
    const all = sortedByNumber(concatRowsets(this.parts));
    this.parts = [];
    this.bytes = 0;
    const run = this.runs++;
    const numbers = numbersOf(all);
    const { rows, batches } = this.shares;
    let at = 0;
    while (at < all.rows) {
      const batch = batchOfRow(rows, numbers[at] as number, batches);
      let end = at + 1;
      while (
        end < all.rows &&
        end - at < SEGMENT_ROWS &&
        batchOfRow(rows, numbers[end] as number, batches) === batch
      )
        end += 1;
      await this.segments.put(batch, run, sliceRowset(all, at, end));
      at = end;
    }
  }
}

/** The fate of the left rows of a join by declared batch. */
export class LeftAccount {
  private readonly shares: LeftShares;
  private readonly counts = new Map<number, { read: number; filtered: number }>();
  read = 0;
  filtered = 0;

  constructor(shares: LeftShares) {
    this.shares = shares;
  }

  /** Called once a left block is complete. */
  add(block: LeftBlock): void {
    const { rows, batches } = this.shares;
    for (let row = 0; row < block.rowset.rows; row += 1) {
      const batch = batchOfRow(rows, block.numberOf(row), batches);
      const counts = this.counts.get(batch) ?? { read: 0, filtered: 0 };
      this.counts.set(batch, counts);
      counts.read += 1;
      counts.filtered += block.alive[row] === 0 ? 1 : 0;
    }
  }

  async finish(sink: PieceSink): Promise<void> {
    const entries = [...this.counts].toSorted(([a], [b]) => a - b);
    const column = (values: readonly number[]) => columnFrom("int", values.map(BigInt));
    const columns = new Map([
      ["batch", column(entries.map(([batch]) => batch))],
      ["read", column(entries.map(([, { read }]) => read))],
      ["filtered", column(entries.map(([, { filtered }]) => filtered))],
    ]);
    for (const [, { read, filtered }] of entries) {
      this.read += read;
      this.filtered += filtered;
    }
    await sink.put(countsPiece, encodeChunk({ rows: entries.length, columns }));
  }
}

/** Stable: rows of one left row keep their order, which is that of the right rows. */
export function sortedByNumber(rowset: Rowset): Rowset {
  return gatherRowset(rowset, sortByNumbers([numbersOf(rowset)], rowset.rows));
}

export async function readLeftCounts(
  tables: TableStore,
  place: AttemptPlace,
): Promise<readonly LeftCounts[]> {
  const { rows, columns } = decodeChunk(await tables.read(place, countsPiece));
  const number = (name: string, row: number): number => {
    const column = columns.get(name);
    return column === undefined ? 0 : Number(valueAt(column, row));
  };
  return Array.from({ length: rows }, (_, row) => ({
    batch: number("batch", row),
    read: number("read", row),
    filtered: number("filtered", row),
  }));
}
