import {
  columnFrom,
  decodeTexts,
  decodeChunk,
  encodeChunk,
  stringColumn,
  valueAt,
  type Column,
  type Rowset,
  type StringColumn,
} from "#pkg/rowset";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";
import type { FieldType, Value } from "#pkg/value";

/** A row that could not be processed; whether people have waived it is not known yet. */
export interface SetAsideRow {
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
}

/** A row that could not be processed and was set aside (design 10). */
export interface RejectedRow extends SetAsideRow {
  /** People have decided that the row may be left out. */
  readonly isWaived: boolean;
}

export const rejectedPiece = (seq: number): Piece => ({
  kind: "rejected",
  name: "",
  part: 0,
  seq,
});

/** Mostly the same in many rows. */
const REPEATED = ["input", "file", "column", "reason", "message"] as const;

export const encodeRejected = (rows: readonly RejectedRow[]): Uint8Array =>
  encodeChunk(rejectedRowset(rows));

/** Rejected rows as columns, for writing and sorting. */
export function rejectedRowset(rows: readonly (SetAsideRow & Partial<RejectedRow>)[]): Rowset {
  const column = (
    type: FieldType,
    valueOf: (row: Partial<RejectedRow> & SetAsideRow) => Value,
  ): Column => columnFrom(type, rows.map(valueOf));
  const columns = new Map<string, Column>(
    REPEATED.map((name) => [name, repeatedTexts(rows.map((row) => row[name]))]),
  );
  columns.set(
    "value",
    column("string", ({ value }) => value),
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
    column("bool", ({ isWaived = false }) => isWaived),
  );
  return { rows: rows.length, columns };
}

/** Each text once. */
function repeatedTexts(texts: readonly string[]): StringColumn {
  const known = new Map<string, number>();
  const codes = Int32Array.from(texts, (text) => {
    const code = known.get(text) ?? known.size;
    known.set(text, code);
    return code;
  });
  return stringColumn(codes, columnFrom("string", [...known.keys()]) as StringColumn);
}

/** Which row was rejected and why. */
export type RejectedPlace = Pick<RejectedRow, "input" | "file" | "line" | "reason" | "isWaived">;

const PLACE = ["input", "file", "line", "reason", "waived"];

const columnOf = ({ columns }: Rowset, name: string): Column => columns.get(name) as Column;

function textsIn(rowset: Rowset, name: string): (row: number) => string {
  const column = columnOf(rowset, name) as StringColumn;
  const texts = decodeTexts(column);
  return (row) => texts[column.codes?.[row] ?? row] as string;
}

function placesIn(rowset: Rowset): (row: number) => RejectedPlace {
  const [input, file] = [textsIn(rowset, "input"), textsIn(rowset, "file")];
  const reason = textsIn(rowset, "reason");
  const [lines, waived] = [columnOf(rowset, "line"), columnOf(rowset, "waived")];
  return (row) => ({
    input: input(row),
    file: file(row),
    line: Number(valueAt(lines, row)),
    reason: reason(row),
    isWaived: valueAt(waived, row) === true,
  });
}

/**
 * One after the other, so that those of a piece are not all there at the same time. Written out: V8 allocates what a spread makes where
 * only a full collection finds it.
 */
export function* rejectedRowsOf(rowset: Rowset): Generator<RejectedRow> {
  const place = placesIn(rowset);
  const [column, value] = [textsIn(rowset, "column"), textsIn(rowset, "value")];
  const [message, values] = [textsIn(rowset, "message"), textsIn(rowset, "values")];
  for (let row = 0; row < rowset.rows; row += 1) {
    const { input, file, line, reason, isWaived } = place(row);
    yield {
      input,
      file,
      line,
      column: column(row),
      value: value(row),
      reason,
      message: message(row),
      values: JSON.parse(values(row)) as Readonly<Record<string, string>>,
      isWaived,
    };
  }
}

function* placesOf(rowset: Rowset): Generator<RejectedPlace> {
  const place = placesIn(rowset);
  for (let row = 0; row < rowset.rows; row += 1) yield place(row);
}

/** Reads rejected rows of one committed attempt, piece by piece in row order; `pieces` as its outcome tells. */
export type ReadRejected<Row> = (
  tables: TableStore,
  place: AttemptPlace,
  pieces: number,
) => AsyncGenerator<Iterable<Row>>;

export const readRejected: ReadRejected<RejectedRow> = async function* readRows(
  tables,
  place,
  pieces,
) {
  for (let seq = 0; seq < pieces; seq += 1)
    yield rejectedRowsOf(decodeChunk(await tables.read(place, rejectedPiece(seq))));
};

/** Without what the rows held, which is most of them. */
export const readRejectedPlaces: ReadRejected<RejectedPlace> = async function* readPlaces(
  tables,
  place,
  pieces,
) {
  for (let seq = 0; seq < pieces; seq += 1)
    yield placesOf(decodeChunk(await tables.read(place, rejectedPiece(seq)), PLACE));
};
