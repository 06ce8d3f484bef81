import { CR, LF, QUOTE, quoteOrReturn, separatorOrFeed } from "./bytes.ts";

/** Position instead of an end: the buffer ends before the cell does. */
export const INCOMPLETE = -1;

/** Bytes in which records are looked for. There is a line feed at `end`, and PADDING more bytes can be read. */
export interface Window {
  bytes: Uint8Array;
  /** First byte not yet consumed. */
  start: number;
  /** First byte behind the data. */
  end: number;
  /** No data comes after `end`. */
  final: boolean;
}

/** Cuts one cell after the other out of a window by the lazy-quotes rules; what a cell holds is in `source[from..to)`. */
export class CellCutter {
  source: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  readonly #separator: number;
  #scratch = new Uint8Array(256);
  #used = 0;

  constructor(separator: number) {
    this.#separator = separator;
  }

  /**
   * Reads the cell that begins at `at`. Returns the position of its terminator (separator, line feed, the CR of CR LF,
   * or the end of a final window), or INCOMPLETE.
   */
  cut(window: Window, at: number): number {
    return window.bytes[at] === QUOTE && at < window.end
      ? this.#cutQuoted(window, at + 1)
      : this.#cutPlain(window, at);
  }

  #cutPlain({ bytes, end, final }: Window, at: number): number {
    let p = separatorOrFeed(bytes, at, this.#separator);
    if (p >= end && !final) return INCOMPLETE;
    if (bytes[p] === LF && p > at && bytes[p - 1] === CR) p--;
    this.source = bytes;
    this.from = at;
    this.to = p;
    return p;
  }

  /** `at` is the first byte inside the quotes. Only cells that differ from their bytes are copied. */
  #cutQuoted(window: Window, at: number): number {
    const { bytes, end } = window;
    this.#used = 0;
    let run = at;
    for (let p = at; ;) {
      p = quoteOrReturn(bytes, p, end);
      if (p >= end) return this.#unterminated(window, run);
      if (bytes[p] === CR) {
        if (p + 1 >= end) return this.#unterminated(window, run);
        if (bytes[p + 1] === LF) {
          this.#keep(bytes, run, p);
          run = p + 1;
        }
        p++;
        continue;
      }
      const next = this.#afterQuote(window, p + 1);
      if (next === INCOMPLETE) return INCOMPLETE;
      if (next === p + 1) return this.#finish(bytes, run, p, next);
      // a doubled quote is one quote, a stray one stays
      const doubled = bytes[p + 1] === QUOTE;
      this.#keep(bytes, run, p + 1);
      run = doubled ? p + 2 : p + 1;
      p = run;
    }
  }

  /** `at` itself when the quote before it closes the cell, `at + 1` when it does not. */
  #afterQuote({ bytes, end, final }: Window, at: number): number {
    if (at >= end) return final ? at : INCOMPLETE;
    const next = bytes[at];
    if (next === this.#separator || next === LF) return at;
    if (next !== CR) return at + 1;
    if (at + 1 >= end) return final ? at : INCOMPLETE;
    return bytes[at + 1] === LF ? at : at + 1;
  }

  #unterminated({ bytes, end, final }: Window, run: number): number {
    if (!final) return INCOMPLETE;
    const to = end > run && bytes[end - 1] === CR ? end - 1 : end;
    return this.#finish(bytes, run, to, end);
  }

  #finish(bytes: Uint8Array, run: number, to: number, next: number): number {
    if (this.#used === 0) {
      this.source = bytes;
      this.from = run;
      this.to = to;
      return next;
    }
    this.#keep(bytes, run, to);
    this.source = this.#scratch;
    this.from = 0;
    this.to = this.#used;
    return next;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const used = this.#used + to - from;
    if (used > this.#scratch.length) {
      const larger = new Uint8Array(2 * used);
      larger.set(this.#scratch.subarray(0, this.#used));
      this.#scratch = larger;
    }
    this.#scratch.set(bytes.subarray(from, to), this.#used);
    this.#used = used;
  }
}

/** Position behind the line end at `at`, or -1 when there is none (a lone CR is data). */
export function afterLineEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LF) return at + 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1;
}
