import type { Fault } from "#pkg/fault";
import { MAX_CELL, textOf } from "./bytes.ts";
import { afterLineEnd, CellCutter, INCOMPLETE, type Window } from "./cell.ts";
import type { ColumnPlan, PlannedColumn } from "./column-plan.ts";
import { cellFault, raggedFault, type CsvPlace } from "./csv-faults.ts";
import { innerLines, LineNumbers, measureRecord } from "./records.ts";
import type { CsvReader } from "./types.ts";

/** The exact, unhurried part of scanning: what every row scanner falls back to, and the bookkeeping of lines and faults. */
export class ScanState {
  /** Where the scanner stopped: the first byte of the first record that it did not take. */
  position = 0;
  /** The row at which the scanner begins; others than 0 after a bad record inside a block. */
  firstRow = 0;
  /** Where the record at hand begins; set by the row scanner. */
  rowStart = 0;
  /** The record at hand may have line ends inside. */
  multiline = false;
  /** Why the record at `position` cannot be read. */
  fault: Fault | undefined;
  readonly lines = new LineNumbers();
  readonly #window: Window;
  readonly #cutter: CellCutter;
  readonly #plan: ColumnPlan;
  readonly #reader: CsvReader;
  readonly #place: CsvPlace;

  constructor(window: Window, plan: ColumnPlan, reader: CsvReader, place: CsvPlace) {
    this.#window = window;
    this.#plan = plan;
    this.#cutter = new CellCutter(plan.separator);
    this.#reader = reader;
    this.#place = place;
  }

  /** Reads a cell exactly into its column. Returns the position of its terminator, or INCOMPLETE (see `fault`). */
  cell(index: number, at: number, row: number): number {
    const cutter = this.#cutter;
    const { builder } = this.#plan.columns[index] as PlannedColumn;
    const end = cutter.cut(this.#window, at);
    if (end === INCOMPLETE) return INCOMPLETE;
    if (cutter.from !== at || cutter.source !== this.#window.bytes) this.multiline = true;
    try {
      builder.cell(cutter.source, cutter.from, cutter.to, row);
      return end;
    } catch (error) {
      const { source, from, to } = cutter;
      return this.#refuse(index, error, row, { source, from, to });
    }
  }

  /** Passes a cell that no column wants. */
  skip(at: number): number {
    this.multiline = true;
    return this.#cutter.cut(this.#window, at);
  }

  /** The record at hand has too few or too many cells, or is not complete. */
  ragged(row: number): number {
    const { cells } = measureRecord(this.#cutter, this.#window, this.rowStart);
    if (cells !== INCOMPLETE)
      this.fault = raggedFault(this.#place, this.#lineOf(row), cells, this.#plan.fields);
    return INCOMPLETE;
  }

  /**
   * Passes the record that cannot be read, so that the scanner may go on behind it with the same row. Undefined for a cell that is
   * too large: a quote may have been left open, and what follows would be taken for its text.
   */
  passBad(row: number): PassedRecord | undefined {
    const { fault, position } = this;
    if (fault === undefined || fault.code === "CELL_TOO_LARGE") return undefined;
    const window = this.#window;
    const texts: string[] = [];
    for (let p = position; ; p++) {
      p = this.#cutter.cut(window, p);
      if (p === INCOMPLETE) return undefined;
      texts.push(textOf(this.#cutter.source, this.#cutter.from, this.#cutter.to));
      const end = afterLineEnd(window.bytes, p);
      if (end < 0) continue;
      const line = this.#lineOf(row);
      const record = textOf(window.bytes, position, p);
      const inside = innerLines(window.bytes, position, Math.min(end, window.end));
      this.fault = undefined;
      this.multiline = false;
      this.position = Math.min(end, window.end);
      return { fault, line, texts, record, inside };
    }
  }

  /** A record with quotes has ended: counts the line ends in it. */
  endMultiline(row: number, end: number): void {
    this.multiline = false;
    const inside = innerLines(this.#window.bytes, this.rowStart, end);
    if (inside > 0) this.lines.add(row + 1, inside);
  }

  /** A record of the wrong width is reported as that, whatever its cells hold. */
  #refuse(
    index: number,
    error: unknown,
    row: number,
    cell: { source: Uint8Array; from: number; to: number },
  ): number {
    const text = cell.source.slice(cell.from, Math.min(cell.to, cell.from + 1024));
    const { cells } = measureRecord(this.#cutter, this.#window, this.rowStart);
    if (cells === INCOMPLETE && cell.to - cell.from <= MAX_CELL) return INCOMPLETE;
    const { column } = this.#plan.columns[index] as PlannedColumn;
    const line = this.#lineOf(row);
    const { url, node } = this.#place;
    this.fault =
      cells === this.#plan.fields || cells === INCOMPLETE
        ? cellFault(
            {
              url,
              node,
              reader: this.#reader,
              column,
              line,
              source: text,
              from: 0,
              to: text.length,
            },
            error,
          )
        : raggedFault(this.#place, line, cells, this.#plan.fields);
    return INCOMPLETE;
  }

  /** Line of the record at hand, which is the last one so far. */
  #lineOf(row: number): number {
    return this.lines.after(row);
  }
}

export interface PassedRecord {
  readonly fault: Fault;
  readonly line: number;
  /** Cells in the order of the record. */
  readonly texts: readonly string[];
  readonly record: string;
  /** Line ends inside the record. */
  readonly inside: number;
}

/**
 * Fills the columns of a plan from the window, beginning with row `firstRow` at `start`; stops before row `capacity`, before an incomplete
 * record and at a fault. Returns the number of rows of the block and leaves the rest in the state.
 */
export type RowScanner = (state: ScanState, window: Window, capacity: number) => number;
