import { columnFrom, decodeChunk, encodeChunk, valueAt, type Rowset } from "#pkg/rowset";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";
import type { PieceSink } from "./piece-sink.ts";

/** One stored run of rows: segments of the same part and run, in order of seq, are one sorted sequence. */
export interface Segment {
  readonly part: number;
  readonly seq: number;
  readonly run: number;
  readonly rows: number;
}

export type SegmentKind = "index" | "shuffle";

/**
 * Named runs of rows under one attempt, found again by a directory (part -1, seq 0), so that readers need to know nothing but
 * the committed token. Part COMBINED holds rows of all parts.
 */
export class SegmentWriter {
  private readonly sink: PieceSink;
  private readonly kind: SegmentKind;
  private readonly name: string;
  private readonly next = new Map<number, number>();
  private readonly segments: Segment[] = [];

  constructor(sink: PieceSink, kind: SegmentKind, name: string) {
    this.sink = sink;
    this.kind = kind;
    this.name = name;
  }

  async put(part: number, run: number, rowset: Rowset): Promise<void> {
    const seq = this.next.get(part) ?? (part === COMBINED ? 1 : 0);
    this.next.set(part, seq + 1);
    this.segments.push({ part, seq, run, rows: rowset.rows });
    await this.sink.put({ kind: this.kind, name: this.name, part, seq }, encodeChunk(rowset));
  }

  /** Writes the directory; without it the segments cannot be found. */
  async finish(): Promise<void> {
    const column = (pick: (segment: Segment) => number) =>
      columnFrom(
        "int",
        this.segments.map((segment) => BigInt(pick(segment))),
      );
    const columns = new Map([
      ["part", column((segment) => segment.part)],
      ["seq", column((segment) => segment.seq)],
      ["run", column((segment) => segment.run)],
      ["rows", column((segment) => segment.rows)],
    ]);
    await this.sink.put(
      directoryPiece(this.kind, this.name),
      encodeChunk({ rows: this.segments.length, columns }),
    );
  }
}

/** Part number of segments that hold rows of all parts. */
export const COMBINED = -1;

const directoryPiece = (kind: SegmentKind, name: string): Piece => ({
  kind,
  name,
  part: COMBINED,
  seq: 0,
});

/** Reads what a SegmentWriter of the same kind and name left under the attempt. */
export class SegmentReader {
  private readonly tables: TableStore;
  private readonly place: AttemptPlace;
  private readonly kind: SegmentKind;
  private readonly name: string;

  constructor(
    tables: TableStore,
    place: AttemptPlace,
    what: { readonly kind: SegmentKind; readonly name: string },
  ) {
    this.tables = tables;
    this.place = place;
    this.kind = what.kind;
    this.name = what.name;
  }

  async segments(): Promise<readonly Segment[]> {
    const { rows, columns } = decodeChunk(
      await this.tables.read(this.place, directoryPiece(this.kind, this.name)),
    );
    const number = (name: string, row: number): number => {
      const column = columns.get(name);
      return column === undefined ? 0 : Number(valueAt(column, row));
    };
    return Array.from({ length: rows }, (_, row) => ({
      part: number("part", row),
      seq: number("seq", row),
      run: number("run", row),
      rows: number("rows", row),
    }));
  }

  async read(segment: Segment, columns?: readonly string[]): Promise<Rowset> {
    const piece = { kind: this.kind, name: this.name, part: segment.part, seq: segment.seq };
    return decodeChunk(await this.tables.read(this.place, piece), columns);
  }
}
