import {
  columnFrom,
  decodeChunk,
  encodeChunk,
  valueAt,
  type Column,
  type Rowset,
} from "#pkg/rowset";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";
import type { FieldType, Value } from "#pkg/value";

/** A row that could not be processed and was set aside (design 10). */
export interface RejectedRow {
  /** Identity of what was read: hash of size and version of the file, or the manifest of the table. */
  readonly input: string;
  /** URL of the file, or name of the table. */
  readonly file: string;
  /** Physical line on which the record begins, or row of the table; both from 1. */
  readonly line: number;
  /** Column of the file, or field whose expression failed; "" when the record as a whole is wrong. */
  readonly column: string;
  readonly value: string;
  /** Code of the fault. */
  readonly reason: string;
  readonly message: string;
  /** What was read, by column of the reader or field of the source table, as text. */
  readonly values: Readonly<Record<string, string>>;
  /** People have decided that the row may be left out. */
  readonly isWaived: boolean;
}

export const rejectedPiece = (seq: number): Piece => ({
  kind: "rejected",
  name: "",
  part: 0,
  seq,
});

const TEXTS = ["input", "file", "column", "value", "reason", "message"] as const;

export const encodeRejected = (rows: readonly RejectedRow[]): Uint8Array =>
  encodeChunk(rejectedRowset(rows));

/** Rejected rows as columns, for writing and sorting. */
export function rejectedRowset(rows: readonly RejectedRow[]): Rowset {
  const column = (type: FieldType, valueOf: (row: RejectedRow) => Value): Column =>
    columnFrom(type, rows.map(valueOf));
  const columns = new Map<string, Column>(
    TEXTS.map((name) => [name, column("string", (row) => row[name])]),
  );
  columns.set(
    "line",
    column("int", ({ line }) => BigInt(line)),
  );
  columns.set(
    "values",
    column("string", ({ values }) => JSON.stringify(values)),
  );
  columns.set(
    "waived",
    column("bool", ({ isWaived }) => isWaived),
  );
  return { rows: rows.length, columns };
}

export function rejectedRowsOf({ rows, columns }: Rowset): readonly RejectedRow[] {
  const at = (name: string, row: number): Value => valueAt(columns.get(name) as Column, row);
  const text = (name: string, row: number): string => at(name, row) as string;
  return Array.from({ length: rows }, (_, row) => ({
    input: text("input", row),
    file: text("file", row),
    line: Number(at("line", row)),
    column: text("column", row),
    value: text("value", row),
    reason: text("reason", row),
    message: text("message", row),
    values: JSON.parse(text("values", row)) as Readonly<Record<string, string>>,
    isWaived: at("waived", row) === true,
  }));
}

/** Rejected rows of one committed attempt, piece by piece in row order; `pieces` as its outcome tells. */
export async function* readRejected(
  tables: TableStore,
  place: AttemptPlace,
  pieces: number,
): AsyncGenerator<readonly RejectedRow[]> {
  for (let seq = 0; seq < pieces; seq += 1)
    yield rejectedRowsOf(decodeChunk(await tables.read(place, rejectedPiece(seq))));
}
