import { withoutTraces } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import { countByte, LF } from "./bytes.ts";
import { ByteSource } from "./byte-source.ts";
import { CellCutter } from "./cell.ts";
import { closureScanner } from "./closure-scanner.ts";
import { planColumns, type ColumnPlan, type PlannedColumn } from "./column-plan.ts";
import type { CsvPlace } from "./csv-faults.ts";
import { generatedScanner, isGeneratable } from "./generated-scanner.ts";
import { growWindow, readPreamble, type DataStart } from "./preamble.ts";
import { separatorOf } from "./separator.ts";
import { ScanState, type RowScanner } from "./scan-state.ts";
import { passBadRecord } from "./pass-bad-record.ts";
import type { BadRecords, CsvBlock, CsvRange, CsvReader, ReadableFile } from "./types.ts";

export interface CsvReadOptions extends CsvPlace {
  readonly file: ReadableFile;
  readonly reader: CsvReader;
  /** Only this part of the file, as `scanCsvRanges` found it. */
  readonly range?: CsvRange;
  /** Columns of the reader whose values are wanted; all of them when absent. The others are checked, not kept. */
  readonly columns?: Iterable<string>;
  /** Bytes read at once; memory is a small multiple of it. */
  readonly blockBytes?: number;
  readonly blockRows?: number;
  /** What becomes of records that cannot be read; they end the reading when absent. */
  readonly badRecords?: BadRecords;
  /** Row scanner; "generated" by default. Both give the same blocks. */
  readonly scanner?: "generated" | "closures";
}

const BLOCK_BYTES = 2 * 1024 * 1024;
const BLOCK_ROWS = 65_536;
/** Bad records are objects; a block ends with this many, so that they can be written away. */
const BLOCK_BAD = 1024;

/** Bytes that are looked at to tell how long records are. */
const SAMPLE_BYTES = 32_768;

/** How long the records of a window are, so that columns are not made for five times their rows; a wrong guess costs another block. */
function bytesPerRow({ bytes, start, end }: ByteSource, { fields }: ColumnPlan): number {
  const sample = Math.min(SAMPLE_BYTES, end - start);
  const lines = countByte(bytes, LF, start, start + sample);
  return Math.max(1, lines > 0 ? sample / lines : fields);
}

/** Turns what a window holds into blocks; remembers the line across blocks. */
class BlockReader {
  readonly #source: ByteSource;
  readonly #plan: ColumnPlan;
  readonly #state: ScanState;
  readonly #scan: RowScanner;
  readonly #blockRows: number;
  readonly #options: CsvReadOptions;
  /** Wanted columns in the order of the reader. */
  readonly #kept: readonly PlannedColumn[];
  #bytesPerRow: number;
  /** Line of a bad record before which the last block ended because nobody knows yet what becomes of it. */
  unknown: number | undefined;

  constructor(source: ByteSource, plan: ColumnPlan, options: CsvReadOptions, line: number) {
    this.#source = source;
    this.#plan = plan;
    this.#options = options;
    this.#state = new ScanState(source, plan, options.reader, options);
    this.#state.lines.begin(line);
    const generated = options.scanner !== "closures" && isGeneratable(plan);
    this.#scan = generated ? generatedScanner(plan, options.reader) : closureScanner(plan);
    const { columns } = options.reader;
    this.#kept = plan.columns
      .filter(({ wanted }) => wanted)
      .toSorted((a, b) => columns.indexOf(a.column) - columns.indexOf(b.column));
    this.#blockRows = options.blockRows ?? BLOCK_ROWS;
    this.#bytesPerRow = bytesPerRow(source, plan);
  }

  /** Why the next record cannot be read. */
  get fault(): Error | undefined {
    return this.#state.fault;
  }

  get line(): number {
    return this.#state.lines.first;
  }

  /** Rows of the window up to its end, a fault or the limit of a block; undefined when there is no complete one. */
  next(): CsvBlock | undefined {
    const source = this.#source;
    const state = this.#state;
    const bytes = source.end - source.start;
    const capacity = Math.min(this.#blockRows, Math.ceil((bytes / this.#bytesPerRow) * 1.1) + 64);
    for (const { builder } of this.#plan.columns) builder.begin(capacity);
    state.multiline = false;
    state.firstRow = 0;
    this.unknown = undefined;
    let rows = this.#scan(state, source, capacity);
    const { badRecords } = this.#options;
    const isBad = state.fault !== undefined && badRecords !== undefined;
    if (isBad) rows = withoutTraces(() => this.#scanOn(rows, capacity, badRecords));
    if (rows > 0) this.#bytesPerRow = (state.position - source.start) / rows;
    source.start = state.position;
    // Bad records alone make a block too, so that whoever keeps them can write them away.
    const block = rows > 0 || isBad ? this.#block(rows) : undefined;
    state.lines.begin(state.lines.after(rows));
    return block;
  }

  /** Goes on behind every bad record, with its corrected texts as the next row or without it. */
  #scanOn(first: number, capacity: number, badRecords: BadRecords): number {
    const state = this.#state;
    const { start } = this.#source;
    let rows = first;
    for (let bad = 0; state.fault !== undefined && rows < capacity; bad++) {
      const line = state.lines.after(rows);
      if (!badRecords.knows(line)) this.unknown = line;
      if (bad === BLOCK_BAD || this.unknown !== undefined) {
        // The next block begins with this record and finds its fault again.
        state.fault = undefined;
        break;
      }
      const taken = passBadRecord(state, this.#plan, rows, { ...this.#options, badRecords });
      if (taken === undefined) break;
      rows += taken;
      if (rows >= capacity) break;
      this.#source.start = state.position;
      state.firstRow = rows;
      rows = this.#scan(state, this.#source, capacity);
    }
    this.#source.start = start;
    return rows;
  }

  #block(rows: number): CsvBlock {
    const columns = new Map<string, Vector>();
    for (const { column, builder } of this.#kept) columns.set(column.name, builder.finish(rows));
    return { rows, columns, lineOf: this.#state.lines.freeze() };
  }
}

async function startOf(
  source: ByteSource,
  options: CsvReadOptions,
  cutter: CellCutter,
): Promise<Omit<DataStart, "record"> | undefined> {
  if (options.range === undefined) return readPreamble(source, cutter, options.reader, options);
  await source.fill();
  return options.range.end > options.range.offset ? options.range : undefined;
}

/**
 * Reads a CSV file, or one range of it, as blocks of typed columns. Rows before a bad record are yielded before the Fault
 * is thrown: CELL_INVALID, RECORD_INVALID, HEADER_INVALID, ENCODING_INVALID or CELL_TOO_LARGE, each with file and line.
 */
export async function* readCsv(options: CsvReadOptions): AsyncGenerator<CsvBlock, void, undefined> {
  const { file, range, reader, blockBytes = BLOCK_BYTES } = options;
  const bounds = range === undefined ? { from: 0 } : { from: range.offset, to: range.end };
  const source = new ByteSource({ file, ...bounds, blockBytes });
  const cutter = new CellCutter(separatorOf(reader, options));
  const start = await startOf(source, options, cutter);
  if (start === undefined) return;
  const plan = planColumns(reader, start.fields, start.positions, options.columns);
  const blocks = new BlockReader(source, plan, options, start.line);
  for (;;) {
    const block = blocks.next();
    if (block !== undefined) yield block;
    if (blocks.fault !== undefined) throw blocks.fault;
    if (blocks.unknown !== undefined) await options.badRecords?.learn(blocks.unknown);
    if (block !== undefined && source.start < source.end) continue;
    if (source.final) {
      source.release();
      return;
    }
    await growWindow(source, cutter, options, blocks.line);
  }
}
