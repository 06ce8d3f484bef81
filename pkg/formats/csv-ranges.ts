import { BoundaryScanner, type BoundaryListener } from "./boundary-scanner.ts";
import { ByteSource } from "./byte-source.ts";
import { CellCutter } from "./cell.ts";
import type { CsvPlace } from "./csv-faults.ts";
import { readPreamble } from "./preamble.ts";
import { separatorOf } from "./separator.ts";
import type { CsvRange, CsvReader, ReadableFile } from "./types.ts";

const PREAMBLE_BYTES = 64 * 1024;
const SCAN_BYTES = 1024 * 1024;
const NOWHERE: CsvPlace = { url: "the file", node: "" };

type Common = Pick<CsvRange, "fields" | "positions">;

/** Cuts at the first boundary at least `size` bytes behind the last cut. */
class RangeCollector implements BoundaryListener {
  wanted: number;
  readonly ranges: CsvRange[] = [];
  readonly #size: number;
  readonly #common: Common;
  readonly #first: Pick<CsvRange, "offset" | "record" | "line">;
  #start: Pick<CsvRange, "offset" | "record" | "line">;
  scanner: BoundaryScanner | undefined;

  constructor(first: Pick<CsvRange, "offset" | "record" | "line">, size: number, common: Common) {
    this.#first = first;
    this.#start = first;
    this.#size = Math.max(1, size);
    this.#common = common;
    this.wanted = first.offset + this.#size;
  }

  boundary(position: number): void {
    this.close(position);
    this.wanted = position + this.#size;
  }

  /** Ends the range at hand, if there is anything in it. */
  close(end: number): void {
    const { records = 0, lines = 0 } = this.scanner ?? {};
    if (end > this.#start.offset) {
      const record = this.#first.record + records;
      this.ranges.push({
        ...this.#start,
        end,
        records: record - this.#start.record,
        ...this.#common,
      });
    }
    this.#start = {
      offset: end,
      record: this.#first.record + records,
      line: this.#first.line + lines,
    };
  }
}

/**
 * Cuts the data records of a file into ranges of about `rangeSize` bytes, each beginning at a record or a blank line; no
 * range for a file without data records. Throws what readCsv would throw about the header; cells are not looked at.
 */
export async function scanCsvRanges(
  file: ReadableFile,
  reader: CsvReader,
  rangeSize: number,
  place: CsvPlace = NOWHERE,
): Promise<CsvRange[]> {
  const separator = separatorOf(reader, place);
  const source = new ByteSource({ file, from: 0, blockBytes: PREAMBLE_BYTES });
  const start = await readPreamble(source, new CellCutter(separator), reader, place);
  if (start === undefined) return [];
  const { record, line, fields, positions } = start;
  const offset = source.positionOf(source.start);
  const collector = new RangeCollector({ offset, record, line }, rangeSize, { fields, positions });
  const scanner = new BoundaryScanner(separator, offset, collector);
  collector.scanner = scanner;
  const end = await scanFrom(file, offset, scanner);
  scanner.finish(end);
  collector.close(end);
  return collector.ranges;
}

async function scanFrom(
  file: ReadableFile,
  offset: number,
  scanner: BoundaryScanner,
): Promise<number> {
  const bytes = new Uint8Array(SCAN_BYTES);
  const words = new Int32Array(bytes.buffer);
  for (let position = offset; ;) {
    const length = await file.read(bytes, position);
    if (length === 0) return position;
    scanner.take(bytes, words, length, position);
    position += length;
  }
}
