import { Fault, isFault, onlyFault, withoutTraces } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import { LF, MAX_CELL, textOf } from "./bytes.ts";
import { ByteSource } from "./byte-source.ts";
import { planColumns, type PlannedColumn } from "./column-plan.ts";
import { cellFault, oversizedFault, type CsvPlace } from "./csv-faults.ts";
import { JsonLines, JsonProblem } from "./json-line.ts";
import type { BadRecords, CsvBlock, CsvReader, CsvReaderColumn, ReadableFile } from "./types.ts";

/** What an NDJSON reader needs of the reader of a node: `header` is the name of the member. */
export interface NdjsonReader {
  readonly columns: readonly CsvReaderColumn[];
}

/** Whole lines of a file. Reading all ranges in order is reading the file. */
export interface NdjsonRange {
  readonly offset: number;
  readonly end: number;
  /** Line, from 1, that begins at `offset`. */
  readonly line: number;
}

export interface NdjsonReadOptions extends CsvPlace {
  readonly file: ReadableFile;
  readonly reader: NdjsonReader;
  readonly range?: NdjsonRange;
  /** Takes note of lines that cannot be read; without it the first of them ends the reading. */
  readonly badRecords?: BadRecords;
  readonly blockBytes?: number;
  readonly blockRows?: number;
}

const BLOCK_BYTES = 2 * 1024 * 1024;
const BLOCK_ROWS = 16_384;
/** Bad lines are objects; a block ends with this many, so that they can be written away. */
const BLOCK_BAD = 1024;
const SCAN_BYTES = 1024 * 1024;
const MAX_LINE = 2 * MAX_CELL;

/** Fills columns line by line. */
class LineReader {
  line: number;
  readonly #options: NdjsonReadOptions;
  readonly #reader: CsvReader;
  readonly #columns: readonly PlannedColumn[];
  readonly #lines: JsonLines;
  readonly #capacity: number;
  readonly #seen: Int32Array;
  #numbers: Int32Array;
  #rows = 0;
  /** Lines left out since the last block. */
  #bad = 0;
  /** Nobody knows yet what becomes of the line at hand, which cannot be read. */
  isUnknown = false;

  constructor(options: NdjsonReadOptions) {
    const { columns } = options.reader;
    this.#options = options;
    this.#reader = { separator: ",", headerIndex: 0, firstDataIndex: 0, byHeader: true, columns };
    const positions = columns.map((_, at) => at);
    this.#columns = planColumns(this.#reader, columns.length, positions).columns;
    this.#lines = new JsonLines(columns.map(({ header }) => header));
    this.#capacity = options.blockRows ?? BLOCK_ROWS;
    this.#seen = new Int32Array(columns.length);
    this.#numbers = new Int32Array(this.#capacity);
    this.line = options.range?.line ?? 1;
    this.#begin();
  }

  #begin(): void {
    this.#rows = 0;
    this.#bad = 0;
    this.#seen.fill(-1);
    this.#numbers = new Int32Array(this.#capacity);
    for (const { builder } of this.#columns) builder.begin(this.#capacity);
  }

  get isFull(): boolean {
    return this.#rows === this.#capacity || this.#bad === BLOCK_BAD || this.isUnknown;
  }

  /** A line that cannot be read is left out when somebody takes note of it, else it is the end. False: it is to be taken again. */
  take(bytes: Uint8Array, from: number, to: number): boolean {
    const { badRecords } = this.#options;
    try {
      if (badRecords === undefined) this.#takeLine(bytes, from, to);
      else withoutTraces(() => this.#takeLine(bytes, from, to));
    } catch (error) {
      if (badRecords === undefined || !isFault(error)) throw error;
      this.#seen.fill(-1);
      this.isUnknown = !badRecords.knows(this.line);
      if (this.isUnknown) return false;
      this.#pass(badRecords, textOf(bytes, from, to), error);
    }
    this.line++;
    return true;
  }

  #takeLine(bytes: Uint8Array, from: number, to: number): void {
    const row = this.#rows;
    try {
      const isBlank = this.#lines.parse(bytes, from, to, (at, source, start, end) => {
        this.#cell(this.#columns[at] as PlannedColumn, source, start, end);
        this.#seen[at] = row;
      });
      if (!isBlank) this.#finishRow(row);
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      const { url, node } = this.#options;
      throw new Fault(
        "RECORD_INVALID",
        `${url} line ${this.line}, column ${error.at}: ${error.message}`,
        {
          facts: { node, file: url, line: this.line, byte: error.at },
          hint: "Every line must be one JSON object.",
        },
      );
    }
  }

  /** Goes on without the line, or with its corrected texts in its place. */
  #pass(badRecords: BadRecords, record: string, fault: Fault): void {
    const cells = textsOfLine(record, this.#reader.columns);
    const bad = { line: this.line, fault, cells: cells ?? NO_CELLS, record };
    const corrected = badRecords.corrected(bad);
    const problem = corrected === undefined ? fault : this.#storeTexts(corrected);
    if (problem === undefined) this.#numbers[this.#rows++] = this.line;
    else {
      badRecords.reject({ ...bad, cells: corrected ?? bad.cells, fault: problem });
      this.#bad++;
    }
  }

  #storeTexts(texts: ReadonlyMap<string, string>): Fault | undefined {
    try {
      for (const planned of this.#columns) {
        const source = encoder.encode(texts.get(planned.column.name) ?? "");
        this.#cell(planned, source, 0, source.length);
      }
      return undefined;
    } catch (error) {
      return onlyFault(error);
    }
  }

  #finishRow(row: number): void {
    for (const [at, column] of this.#columns.entries())
      if (this.#seen[at] !== row) this.#cell(column, EMPTY, 0, 0);
    this.#numbers[row] = this.line;
    this.#rows++;
  }

  #cell({ builder, column }: PlannedColumn, source: Uint8Array, from: number, to: number): void {
    try {
      builder.cell(source, from, to, this.#rows);
    } catch (error) {
      if (!isFault(error)) throw error;
      const { url, node } = this.#options;
      const place = { url, node, reader: this.#reader, column, line: this.line };
      throw cellFault({ ...place, source, from, to }, error);
    }
  }

  /** Finds out what becomes of the line at hand. */
  async learn(): Promise<void> {
    if (!this.isUnknown) return;
    await this.#options.badRecords?.learn(this.line);
    this.isUnknown = false;
  }

  /** Rows since the last call; bad lines alone make a block too, so that whoever keeps them can write them away. */
  block(): CsvBlock | undefined {
    const [rows, line] = [this.#rows, this.line];
    if (rows === 0 && this.#bad === 0) return undefined;
    const columns = new Map<string, Vector>();
    for (const { column, builder } of this.#columns) columns.set(column.name, builder.finish(rows));
    const numbers = this.#numbers;
    this.#begin();
    return { rows, columns, lineOf: (row) => (row < rows ? (numbers[row] as number) : line) };
  }
}

const EMPTY = new Uint8Array(0);
const NO_CELLS: ReadonlyMap<string, string> = new Map();
const encoder = new TextEncoder();

/** Texts of the members by column; undefined for a line that is no object. */
function textsOfLine(
  line: string,
  columns: readonly CsvReaderColumn[],
): ReadonlyMap<string, string> | undefined {
  try {
    const members = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
    return new Map(columns.map(({ name, header }) => [name, shown(members?.[header])]));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const shown = (value: unknown): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
};

/**
 * Reads JSON objects, one a line, as blocks of typed columns. Members that nobody asks for are passed over; null and members that
 * are missing are empty cells. Rows before a bad line are yielded before the Fault is thrown: RECORD_INVALID, CELL_INVALID,
 * ENCODING_INVALID or CELL_TOO_LARGE, each with file and line.
 */
export async function* readNdjson(options: NdjsonReadOptions): AsyncGenerator<CsvBlock, void> {
  const { file, range, blockBytes = BLOCK_BYTES } = options;
  const bounds = range === undefined ? { from: 0 } : { from: range.offset, to: range.end };
  const source = new ByteSource({ file, ...bounds, blockBytes });
  const reader = new LineReader(options);
  await source.fill();
  if (bounds.from === 0) skipMark(source);
  for (;;) {
    const problem = takeLines(source, reader);
    const block = reader.block();
    if (block !== undefined) yield block;
    if (problem !== undefined) throw problem;
    await reader.learn();
    if (hasLine(source)) continue;
    if (source.final) return;
    if (source.end - source.start > MAX_LINE) throw oversizedFault(options, reader.line);
    await source.fill();
  }
}

/** Whether a complete line stands in the window; the last line of a file is complete without a line feed. */
const hasLine = ({ bytes, start, end, final }: ByteSource): boolean =>
  start < end && (final || bytes.indexOf(LF, start) < end);

function skipMark(source: ByteSource): void {
  const { bytes, start } = source;
  if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
    source.start += 3;
}

/** Takes the complete lines of the window until the block is full; resolves with what stopped it. */
function takeLines(source: ByteSource, reader: LineReader): Fault | undefined {
  try {
    while (!reader.isFull && source.start < source.end) {
      // The byte behind the window is a line feed.
      const to = source.bytes.indexOf(LF, source.start);
      if (to >= source.end && !source.final) return undefined;
      const end = Math.min(to, source.end);
      if (!reader.take(source.bytes, source.start, end)) return undefined;
      source.start = Math.min(end + 1, source.end);
    }
    return undefined;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}

/** Ranges of whole lines of about `rangeSize` bytes; none for an empty file. */
export async function scanNdjsonRanges(
  file: ReadableFile,
  rangeSize: number,
): Promise<readonly NdjsonRange[]> {
  const ranges: NdjsonRange[] = [];
  const bytes = new Uint8Array(SCAN_BYTES);
  let [offset, line, lines, position] = [0, 1, 0, 0];
  for (;;) {
    const length = await file.read(bytes, position);
    for (let at = bytes.indexOf(LF); at >= 0 && at < length; at = bytes.indexOf(LF, at + 1)) {
      lines++;
      const end = position + at + 1;
      if (end - offset < rangeSize) continue;
      ranges.push({ offset, end, line });
      [offset, line] = [end, lines + 1];
    }
    position += length;
    if (length < bytes.length) break;
  }
  if (position > offset) ranges.push({ offset, end: position, line });
  return ranges;
}
