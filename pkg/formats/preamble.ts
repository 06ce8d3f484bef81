import { counted } from "#pkg/fault";
import { MAX_CELL, textOf } from "./bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { afterLineEnd, INCOMPLETE, type CellCutter } from "./cell.ts";
import {
  headerEncodingFault,
  headerFault,
  missingHeaders,
  oversizedFault,
  raggedFault,
  type CsvPlace,
} from "./csv-faults.ts";
import { cutOffLength, innerLines, measureRecord } from "./records.ts";
import type { CsvReader } from "./types.ts";
import { firstInvalidUtf8 } from "./utf8.ts";

/** Where the data of a file begins: the source stands at its first record. */
export interface DataStart {
  readonly record: number;
  /** Physical line of the byte the source stands at. */
  readonly line: number;
  readonly fields: number;
  readonly positions: readonly number[];
}

const BOM = [0xef, 0xbb, 0xbf];

/** Reads on when a record does not fit into the window, unless that is because a single cell is too large. */
export async function growWindow(
  source: ByteSource,
  cutter: CellCutter,
  place: CsvPlace,
  line: number,
): Promise<void> {
  const rest = source.end - source.start;
  if (rest > MAX_CELL && cutOffLength(cutter, source) > MAX_CELL) throw oversizedFault(place, line);
  await source.fill();
}

/** One record in the window of the source, found but not yet consumed. */
interface Found {
  readonly cells: number;
  readonly end: number;
}

class PreambleReader {
  line = 1;
  readonly #source: ByteSource;
  readonly #cutter: CellCutter;
  readonly #place: CsvPlace;

  constructor(source: ByteSource, cutter: CellCutter, place: CsvPlace) {
    this.#source = source;
    this.#cutter = cutter;
    this.#place = place;
  }

  async skipByteOrderMark(): Promise<void> {
    const source = this.#source;
    while (source.end < BOM.length && !source.final) await source.fill();
    if (source.end >= BOM.length && BOM.every((byte, i) => source.bytes[i] === byte))
      source.start = BOM.length;
  }

  /** Passes blank lines and finds the next record; undefined at the end of the file. */
  async next(): Promise<Found | undefined> {
    const source = this.#source;
    for (;;) {
      this.#skipBlankLines();
      const some = source.start < source.end;
      const { cells, end } = some
        ? measureRecord(this.#cutter, source, source.start)
        : { cells: INCOMPLETE, end: 0 };
      if (cells !== INCOMPLETE) return { cells, end };
      if (source.final) return undefined;
      await growWindow(source, this.#cutter, this.#place, this.line);
    }
  }

  #skipBlankLines(): void {
    const source = this.#source;
    while (source.start < source.end) {
      const end = afterLineEnd(source.bytes, source.start);
      if (end < 0 || (end > source.end && !source.final)) return;
      source.start = Math.min(end, source.end);
      this.line++;
    }
  }

  consume({ end }: Found): void {
    const source = this.#source;
    this.line += 1 + innerLines(source.bytes, source.start, end);
    source.start = Math.min(end, source.end);
  }

  /** Texts of the cells of a record that was found. */
  headers({ cells }: Found): string[] {
    const { bytes, start } = this.#source;
    const cutter = this.#cutter;
    const texts: string[] = [];
    for (let p = start; texts.length < cells; p++) {
      const begin = p;
      p = cutter.cut(this.#source, p);
      const invalid = firstInvalidUtf8(cutter.source, cutter.from, cutter.to);
      if (invalid >= 0) {
        const inPlace = cutter.source === bytes ? invalid : begin;
        throw headerEncodingFault(this.#place, this.line, this.#source.positionOf(inPlace) + 1);
      }
      texts.push(textOf(cutter.source, cutter.from, cutter.to));
    }
    return texts;
  }
}

function positionsByHeader(
  reader: CsvReader,
  headers: readonly string[],
  place: CsvPlace,
  line: number,
): number[] {
  const missing = reader.columns
    .map((column) => column.header)
    .filter((header) => !headers.includes(header));
  if (missing.length > 0) throw missingHeaders(place, line, missing, headers);
  return reader.columns.map((column) => headers.lastIndexOf(column.header));
}

function checkWidth(reader: CsvReader, fields: number, place: CsvPlace): void {
  const beyond = reader.columns.find((column) => column.index < 0 || column.index >= fields);
  if (beyond === undefined) return;
  const problem = `column ${beyond.name} has index ${beyond.index} (from 0), but the records have ${counted(fields, "cell")}`;
  throw headerFault(place, problem, "Correct col_idx, or the separator of the reader.");
}

function checkHeaderIndex({ headerIndex, firstDataIndex }: CsvReader, place: CsvPlace): void {
  if (headerIndex < 0)
    throw headerFault(
      place,
      "columns are named by header, but there is no header line (hdr_line_idx -1)",
    );
  if (headerIndex === 0 || headerIndex <= firstDataIndex) return;
  throw headerFault(
    place,
    `the header (record ${headerIndex}) comes after the first data (record ${firstDataIndex})`,
  );
}

/** The columns of a file as its records come by. */
class ColumnFinder {
  fields = 0;
  readonly #reader: CsvReader;
  readonly #place: CsvPlace;
  #positions: readonly number[] | undefined;

  constructor(reader: CsvReader, place: CsvPlace) {
    this.#reader = reader;
    this.#place = place;
    if (!reader.byHeader) this.#positions = reader.columns.map((column) => column.index);
  }

  /** Index of the first record that can be data. */
  get firstData(): number {
    const { byHeader, firstDataIndex, headerIndex } = this.#reader;
    return byHeader ? Math.max(firstDataIndex, headerIndex + 1) : firstDataIndex;
  }

  /** Looks at a record in front of the data or at the first one of it. */
  look(record: number, found: Found, records: PreambleReader): void {
    const { byHeader, headerIndex } = this.#reader;
    if (record === 0) {
      this.fields = found.cells;
      if (byHeader) checkHeaderIndex(this.#reader, this.#place);
    }
    // A data record of another width is for the row scanner, which knows what becomes of bad records.
    if (found.cells !== this.fields && record < this.firstData)
      throw raggedFault(this.#place, records.line, found.cells, this.fields);
    if (!byHeader || record !== headerIndex) return;
    this.#positions = positionsByHeader(
      this.#reader,
      records.headers(found),
      this.#place,
      records.line,
    );
  }

  /** Positions for the first data record. */
  positions(): readonly number[] {
    if (!this.#reader.byHeader) checkWidth(this.#reader, this.fields, this.#place);
    return this.#positions ?? [];
  }

  /** The file has ended before its first data record. */
  end(records: number): void {
    if (records === 0 || this.#positions !== undefined) return;
    throw headerFault(
      this.#place,
      `the file ends before the header (record ${this.#reader.headerIndex})`,
    );
  }
}

/**
 * Reads up to the first data record, which it leaves in the window, and finds the columns. Undefined when the file has
 * no data record. The source must not have been read from.
 */
export async function readPreamble(
  source: ByteSource,
  cutter: CellCutter,
  reader: CsvReader,
  place: CsvPlace,
): Promise<DataStart | undefined> {
  const records = new PreambleReader(source, cutter, place);
  const finder = new ColumnFinder(reader, place);
  await records.skipByteOrderMark();
  for (let record = 0; ; record++) {
    const found = await records.next();
    if (found === undefined) {
      finder.end(record);
      return undefined;
    }
    finder.look(record, found, records);
    if (record >= finder.firstData) {
      return { record, line: records.line, fields: finder.fields, positions: finder.positions() };
    }
    records.consume(found);
  }
}
