import type { Fault } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";

/** What a CSV reader needs of a file; an OpenFile of the transfer layer is one. */
export interface ReadableFile {
  /** Fills `into` from `position`; less than asked only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
}

/** What a CSV reader needs of the reader of a node; a FileReader of a script is one. */
export interface CsvReader {
  /** One byte. */
  readonly separator: string;
  readonly headerIndex: number;
  readonly firstDataIndex: number;
  readonly byHeader: boolean;
  readonly columns: readonly CsvReaderColumn[];
}

export interface CsvReaderColumn {
  readonly name: string;
  readonly type: FieldType;
  readonly header: string;
  readonly index: number;
  readonly format: string;
  readonly defaultText: string;
}

/** What a CSV encoder needs of the writer of a node; a FileWriter of a script is one. */
export interface CsvWriter {
  readonly separator: string;
  readonly dialect: "rfc4180" | "capillaries";
  readonly columns: readonly CsvWriterColumn[];
}

export interface CsvWriterColumn {
  readonly type: FieldType;
  readonly header: string;
  readonly format: string;
}

/** Turns rows into the bytes of a file, piece by piece. */
export interface RowEncoder {
  /** What stands before the first row. */
  header(): Uint8Array;
  /** The first `rows` rows; one vector a column of the writer, in order. May keep some for the next piece. */
  rows(vectors: readonly Vector[], rows: number): Uint8Array;
  /** What was kept, and what stands behind the last row. */
  end(): Uint8Array;
}

/** A record of a file that cannot be read. */
export interface BadRecord {
  /** Physical line, counted from 1, on which it begins. */
  readonly line: number;
  /** CELL_INVALID, RECORD_INVALID or ENCODING_INVALID, with its place. */
  readonly fault: Fault;
  /** Texts of the cells by column of the reader; "" for a cell that the record does not have. */
  readonly cells: ReadonlyMap<string, string>;
  /** The whole record when the number of its cells is wrong. */
  readonly record?: string;
}

/** What becomes of records that cannot be read; without one the first of them ends the reading with its fault. */
export interface BadRecords {
  /** Whether `corrected` can answer for a line; where it cannot, the block ends before the record until `learn` has resolved. */
  knows(line: number): boolean;
  learn(line: number): Promise<void>;
  /** Texts to read instead of the record, by column of the reader; undefined when there are none. */
  corrected(record: BadRecord): ReadonlyMap<string, string> | undefined;
  /** The record is left out, also when its corrected texts cannot be read. */
  reject(record: BadRecord): void;
}

/** Consecutive rows of a file. */
export interface CsvBlock {
  readonly rows: number;
  /** Keys are the names of the reader's columns. */
  readonly columns: ReadonlyMap<string, Vector>;
  /** Physical line, counted from 1, on which a row begins. */
  lineOf(row: number): number;
}

/** Consecutive records of a file as plain data. Reading all ranges in order is reading the file. */
export interface CsvRange {
  /** First byte; a record or a blank line begins there. */
  readonly offset: number;
  /** Byte behind the last one. */
  readonly end: number;
  /** Index in the file of the first record, header and skipped records included. */
  readonly record: number;
  /** Physical line, from 1, that begins at `offset`. */
  readonly line: number;
  /** Records in the range. */
  readonly records: number;
  /** Cells of every record of the file. */
  readonly fields: number;
  /** Cell index of each column of the reader, in their order. */
  readonly positions: readonly number[];
}
