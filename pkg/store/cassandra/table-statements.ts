import type { AttemptPlace, Piece } from "../tables.ts";
import { quoted, statement, type Statement } from "./statement.ts";

/** Pieces of one attempt with numbers from 1000 n on share a partition. */
const SEQ_A_BUCKET = 1000;

const COLUMNS = "run, node, phase, unit, attempt, bucket, kind, name, part, seq";

const keyOf = (place: AttemptPlace, piece: Piece): readonly unknown[] => [
  place.run,
  place.node,
  place.phase,
  place.unit,
  place.token,
  bucketOf(piece.seq),
  piece.kind,
  piece.name,
  piece.part,
  piece.seq,
];

export const bucketOf = (seq: number): number => Math.floor(seq / SEQ_A_BUCKET);
/** The first number of the next partition. */
export const bucketEnd = (seq: number): number => (bucketOf(seq) + 1) * SEQ_A_BUCKET;

export interface SegmentRow {
  readonly seg: number;
  readonly segs: number;
  readonly data: Uint8Array;
}

export const writeSegment = (
  keyspace: string,
  place: AttemptPlace,
  piece: Piece,
  { seg, segs, data }: SegmentRow,
): Statement =>
  statement(
    "write a piece",
    `INSERT INTO ${quoted(keyspace)}.piece (${COLUMNS}, seg, segs, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...keyOf(place, piece),
    seg,
    segs,
    data,
  );

/** Segments of the pieces from `piece.seq` to before `end`, all of one partition, in order. */
export const readSegments = (
  keyspace: string,
  place: AttemptPlace,
  piece: Piece,
  end: number,
): Statement =>
  statement(
    "read pieces",
    `SELECT seq, seg, segs, data FROM ${quoted(keyspace)}.piece WHERE ${WHERE} AND seq < ?`,
    ...keyOf(place, piece),
    end,
  );

const WHERE = COLUMNS.split(", ")
  .map((column) => (column === "seq" ? "seq >= ?" : `${column} = ?`))
  .join(" AND ");
