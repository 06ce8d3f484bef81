import { MAX_CELL, textOf } from "./bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { afterLineEnd, CellCutter, INCOMPLETE } from "./cell.ts";
import {
  headerEncodingFault,
  headerFault,
  missingHeaders,
  oversizedFault,
  raggedFault,
  type CsvPlace,
} from "./csv-faults.ts";
import { innerLines, measureRecord } from "./records.ts";
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
      if (source.end - source.start > MAX_CELL) throw oversizedFault(this.#place, this.line);
      await source.fill();
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
  const problem = `column ${beyond.name} has index ${beyond.index} (from 0), but the records have ${fields} cells`;
  throw headerFault(place, problem);
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
  const { byHeader, headerIndex } = reader;
  const firstData = byHeader
    ? Math.max(reader.firstDataIndex, headerIndex + 1)
    : reader.firstDataIndex;
  const records = new PreambleReader(source, cutter, place);
  let positions = byHeader ? undefined : reader.columns.map((column) => column.index);
  let fields = 0;
  await records.skipByteOrderMark();
  for (let record = 0; ; record++) {
    const found = await records.next();
    if (found === undefined) {
      if (record > 0 && positions === undefined)
        throw headerFault(place, `the file ends before the header (record ${headerIndex})`);
      return undefined;
    }
    if (record === 0) {
      fields = found.cells;
      if (byHeader) checkHeaderIndex(reader, place);
    }
    if (found.cells !== fields) throw raggedFault(place, records.line, found.cells, fields);
    if (byHeader && record === headerIndex)
      positions = positionsByHeader(reader, records.headers(found), place, records.line);
    if (record >= firstData && positions !== undefined) {
      if (!byHeader) checkWidth(reader, fields, place);
      return { record, line: records.line, fields, positions };
    }
    records.consume(found);
  }
}
