import { CR, LF, QUOTE } from "./bytes.ts";

const OUTSIDE = 0;
const INSIDE = 1;
/** Inside quotes, behind a quote that closes the cell or is data. */
const AFTER_QUOTE = 2;
/** Behind a quote and a CR. */
const AFTER_QUOTE_CR = 3;

type QuoteState = typeof OUTSIDE | typeof INSIDE | typeof AFTER_QUOTE | typeof AFTER_QUOTE_CR;

/** Called behind each line end that ends a record, with absolute position. */
export interface BoundaryListener {
  /** First position at which a boundary is of interest. */
  wanted: number;
  /** The scanner is behind the first line end at or after `wanted` that is not inside quotes. */
  boundary(position: number): void;
}

/** High bit of every byte of `word` that equals the byte repeated in `pattern`. */
const matches = (word: number, pattern: number): number => {
  const x = word ^ pattern;
  return ~(((x & 0x7f7f7f7f) + 0x7f7f7f7f) | x | 0x7f7f7f7f);
};

const LF_WORD = 0x0a0a0a0a;
const QUOTE_WORD = 0x22222222;

/**
 * Finds record boundaries without looking at cells: one pass, four bytes at a time outside quotes, resumable at any byte.
 * Counts records (blank lines are none) and line ends.
 */
export class BoundaryScanner {
  records = 0;
  lines = 0;
  readonly #separator: number;
  readonly #listener: BoundaryListener;
  #state: QuoteState = OUTSIDE;
  /** Absolute position at which the line at hand begins; records begin there outside quotes. */
  #lineStart: number;
  /** The byte before the next one. */
  #previous = LF;

  constructor(separator: number, start: number, listener: BoundaryListener) {
    this.#separator = separator;
    this.#lineStart = start;
    this.#listener = listener;
  }

  /** Takes the next `length` bytes; `bytes[0]` stands at `position` of the file and `words` are the same memory. */
  take(bytes: Uint8Array, words: Int32Array, length: number, position: number): void {
    for (let at = 0; at < length;) {
      at =
        this.#state === OUTSIDE
          ? this.#outside(bytes, words, { at, length, position })
          : this.#inside(bytes, { at, length, position });
    }
  }

  /** The file has ended: a last record without line end counts. */
  finish(position: number): void {
    const length = position - this.#lineStart;
    const blank = length === 0 || (length === 1 && this.#previous === CR);
    if (this.#state !== OUTSIDE || !blank) this.records++;
  }

  #outside(bytes: Uint8Array, words: Int32Array, { at, length, position }: Span): number {
    let p = at;
    while (p < length) {
      if ((p & 3) === 0) p = this.#quietWords(words, p, length);
      if (p >= length) break;
      const byte = bytes[p] as number;
      const before = p === at ? this.#previous : (bytes[p - 1] as number);
      p++;
      if (byte === LF) this.#lineEnd(position + p, before);
      else if (byte === QUOTE && (before === LF || before === this.#separator)) {
        this.#state = INSIDE;
        break;
      }
    }
    this.#previous = bytes[p - 1] as number;
    return p;
  }

  /** First position from the aligned `p` whose word has a line feed or a quote. */
  #quietWords(words: Int32Array, p: number, length: number): number {
    const end = length >> 2;
    let i = p >> 2;
    while (i < end) {
      const word = words[i] as number;
      if ((matches(word, LF_WORD) | matches(word, QUOTE_WORD)) !== 0) break;
      i++;
    }
    return i < end ? i << 2 : Math.max(p, end << 2);
  }

  #lineEnd(behind: number, before: number): void {
    const length = behind - 1 - this.#lineStart;
    this.lines++;
    if (length > 1 || (length === 1 && before !== CR)) this.records++;
    this.#lineStart = behind;
    if (behind >= this.#listener.wanted) this.#listener.boundary(behind);
  }

  #inside(bytes: Uint8Array, { at, length, position }: Span): number {
    let p = at;
    while (p < length && this.#state !== OUTSIDE) {
      const byte = bytes[p++] as number;
      if (this.#state !== INSIDE) this.#behindQuote(byte, position + p);
      else if (byte === QUOTE) this.#state = AFTER_QUOTE;
      else if (byte === LF) this.lines++;
    }
    this.#previous = bytes[p - 1] as number;
    return p;
  }

  #behindQuote(byte: number, behind: number): void {
    const afterCr = this.#state === AFTER_QUOTE_CR;
    if (byte === LF) {
      this.#state = OUTSIDE;
      this.#lineEnd(behind, QUOTE);
    } else if (afterCr) this.#state = byte === QUOTE ? AFTER_QUOTE : INSIDE;
    else if (byte === this.#separator) this.#state = OUTSIDE;
    else if (byte === CR) this.#state = AFTER_QUOTE_CR;
    else this.#state = INSIDE;
  }
}

interface Span {
  readonly at: number;
  readonly length: number;
  /** Position in the file of byte 0. */
  readonly position: number;
}
