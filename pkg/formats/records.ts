import { LF, countByte } from "./bytes.ts";
import { afterLineEnd, INCOMPLETE, type CellCutter, type Window } from "./cell.ts";

/** Number of cells of the record that begins at `at`, or INCOMPLETE; `end` is where it ends, its line end included. */
export function measureRecord(
  cutter: CellCutter,
  window: Window,
  at: number,
): { cells: number; end: number } {
  let cells = 0;
  for (let p = at; ; p++) {
    p = cutter.cut(window, p);
    if (p === INCOMPLETE) return { cells: INCOMPLETE, end: INCOMPLETE };
    cells++;
    const end = afterLineEnd(window.bytes, p);
    if (end >= 0)
      return end > window.end && !window.final
        ? { cells: INCOMPLETE, end: INCOMPLETE }
        : { cells, end };
  }
}

/** Bytes of the cell that the end of the window cuts off; the record at `start` is incomplete. */
export function cutOffLength(cutter: CellCutter, window: Window): number {
  for (let begin = window.start; ;) {
    const p = cutter.cut(window, begin);
    if (p === INCOMPLETE || p >= window.end) return window.end - begin;
    begin = p + 1;
  }
}

/** Physical lines that begin before `row` in addition to one a row: blank lines and line ends inside quotes. */
export class LineNumbers {
  /** Physical line of the first byte of the block. */
  first = 1;
  readonly #rows: number[] = [];
  readonly #extra: number[] = [];

  begin(first: number): void {
    this.first = first;
    this.#rows.length = 0;
    this.#extra.length = 0;
  }

  /** `row` and all later rows stand `lines` lines further down. */
  add(row: number, lines: number): void {
    const total = (this.#extra.at(-1) ?? 0) + lines;
    if (this.#rows.at(-1) === row) this.#extra[this.#extra.length - 1] = total;
    else {
      this.#rows.push(row);
      this.#extra.push(total);
    }
  }

  /** Line on which the row behind the last of `rows` rows begins, blank lines in between included. */
  after(rows: number): number {
    return this.first + rows + (this.#extra.at(-1) ?? 0);
  }

  /** Line on which a row begins, as a function that outlives the next `begin`. */
  freeze(): (row: number) => number {
    const rows = Int32Array.from(this.#rows);
    const extra = Int32Array.from(this.#extra);
    const { first } = this;
    return (row) => first + row + extraBefore(rows, extra, row);
  }
}

function extraBefore(rows: Int32Array, extra: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) <= row) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (extra[low - 1] as number);
}

/** Line ends inside a record, its own excluded. */
export const innerLines = (bytes: Uint8Array, from: number, end: number): number =>
  Math.max(0, countByte(bytes, LF, from, end - 1));
