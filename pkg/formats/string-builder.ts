import { Fault } from "#pkg/fault";
import { growingBytes, LARGE_BYTES, stringColumn, type Vector } from "#pkg/rowset";
import type { Value } from "#pkg/value";
import { trimmed, type ColumnBuilder } from "./builder.ts";
import { CR, LF, MAX_CELL, QUOTE, textOf } from "./bytes.ts";
import { ByteDictionary, EMPTY_HASH, hashBytes } from "./byte-dictionary.ts";
import { firstInvalidUtf8 } from "./utf8.ts";

/** Distinct texts after which a column is first asked whether its dictionary pays. */
const FIRST_LIMIT = 8192;
/** Fewer rows than this prove nothing about the next block. */
const TELLING_ROWS = 1024;

const encoder = new TextEncoder();

/** What files before this one have told of a column. */
export interface TextMemory {
  /** Its texts do not repeat. */
  plain: boolean;
}

export const newTextMemory = (): TextMemory => ({ plain: false });

/**
 * A dictionary while at most every second row brings a new text, else plain texts. A column that was found not to repeat
 * stays plain, for the rest of the file and for the next files with its memory.
 */
export class StringBuilder implements ColumnBuilder {
  /** Texts are kept one after the other, not as codes of a dictionary. */
  plain: boolean;
  /** `hashBytes` of the text that goes to `#addCoded` next. */
  #hash = 0;
  #codes = new Int32Array(0);
  readonly #dictionary = new ByteDictionary();
  #offsets = new Int32Array(1);
  #bytes = new Uint8Array(0);
  #capacity = 0;
  #limit = FIRST_LIMIT;
  /** Never a whole number at first: V8 throws away what it compiled for a field that held small integers only. */
  #bytesPerRow = 16.5;
  readonly #memory: TextMemory;
  readonly #exact: (text: string) => Value;
  /** What an empty cell means; undefined when nothing but the cell itself. */
  readonly #empty: Uint8Array | undefined;
  readonly #refusesAll: boolean;

  /** `refusesAll`: the column has a format, which no string cell fits. */
  constructor(
    exact: (text: string) => Value,
    defaultText: string,
    refusesAll: boolean,
    memory: TextMemory = newTextMemory(),
  ) {
    this.plain = memory.plain;
    this.#memory = memory;
    this.#exact = exact;
    this.#empty = defaultText === "" ? undefined : encoder.encode(defaultText);
    this.#refusesAll = refusesAll;
  }

  begin(capacity: number): void {
    this.#capacity = capacity;
    this.#limit = FIRST_LIMIT;
    if (this.plain) this.#beginPlain();
    else {
      this.#dictionary.clear();
      this.#codes = new Int32Array(capacity);
    }
  }

  #beginPlain(): void {
    this.#offsets = new Int32Array(this.#capacity + 1);
    this.#bytes = new Uint8Array(Math.ceil(this.#capacity * this.#bytesPerRow * 1.1) + 256);
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    if (this.#refusesAll) this.#exact(textOf(source, from, to));
    // Asked before it is stored: a dictionary takes a text that it has seen as acceptable.
    checkText(source, from, to);
    if (this.plain) this.#addPlain(source, from, to, row);
    else {
      this.#hash = hashBytes(source, from, to);
      this.#addCoded(source, from, to, row);
    }
  }

  /**
   * Reads the cell at `at` as the cell scanners do (plain-cells.ts), only that `separator` is that of the file for the last cell too: the
   * position of its terminator, or -1 for a cell with quotes or a text that is not acceptable.
   */
  scan(bytes: Uint8Array, at: number, separator: number, row: number): number {
    if (bytes[at] === QUOTE) return -1;
    return this.plain
      ? this.#scanPlain(bytes, at, separator, row)
      : this.#scanCoded(bytes, at, separator, row);
  }

  #scanPlain(bytes: Uint8Array, at: number, separator: number, row: number): number {
    const end = cellEnd(bytes, at, separator);
    return this.#addPlain(bytes, at, end, row) ? end : -1;
  }

  #scanCoded(bytes: Uint8Array, at: number, separator: number, row: number): number {
    const largest = separator > CR ? separator : CR;
    let hash = EMPTY_HASH;
    let p = at;
    for (let byte = 0; (byte = bytes[p] as number) > largest || !endsCell(bytes, p, separator); p++)
      hash = (Math.imul(hash, 31) + byte) | 0;
    this.#hash = hash;
    return this.#addCoded(bytes, at, p, row) ? p : -1;
  }

  /** Dictionary mode; `#hash` has been set. False when the text is not acceptable, see `checkText`. */
  #addCoded(source: Uint8Array, from: number, to: number, row: number): boolean {
    if (from === to && this.#empty !== undefined) {
      const empty = this.#empty;
      this.#codes[row] = this.#dictionary.put(
        empty,
        0,
        empty.length,
        hashBytes(empty, 0, empty.length),
      );
      return true;
    }
    const before = this.#dictionary.size;
    this.#codes[row] = this.#dictionary.put(source, from, to, this.#hash);
    if (this.#dictionary.size === before) return true;
    if (before >= this.#limit) this.#reconsider(row + 1);
    return isAcceptable(source, from, to);
  }

  #reconsider(rows: number): void {
    if (this.#dictionary.size * 2 > rows) this.#toPlain(rows);
    else this.#limit = this.#dictionary.size * 2;
  }

  /** Plain mode. False when the text is not acceptable, see `checkText`. */
  #addPlain(source: Uint8Array, from: number, to: number, row: number): boolean {
    if (from === to && this.#empty !== undefined) {
      this.#append(this.#empty, 0, this.#empty.length, row);
      return true;
    }
    return this.#append(source, from, to, row) < 128 || isAcceptable(source, from, to);
  }

  /** Returns all bytes or-ed together, or 128 where that was not looked at. */
  #append(source: Uint8Array, from: number, to: number, row: number): number {
    const start = this.#offsets[row] as number;
    const end = start + to - from;
    if (end > this.#bytes.length) this.#growBytes(start, end);
    const bytes = this.#bytes;
    this.#offsets[row + 1] = end;
    if (to - from > 64) {
      bytes.set(source.subarray(from, to), start);
      return 128;
    }
    let seen = 0;
    for (let i = from, at = start; i < to; i++, at++) {
      const byte = source[i] as number;
      seen |= byte;
      bytes[at] = byte;
    }
    return seen;
  }

  #growBytes(used: number, needed: number): void {
    const larger = growingBytes(Math.ceil(needed * 1.5) + 256);
    larger.set(this.#bytes.subarray(0, used));
    this.#bytes = larger;
  }

  /** Spells the first `rows` rows out. */
  #toPlain(rows: number): void {
    const { offsets, bytes } = this.#dictionary;
    const codes = this.#codes;
    this.plain = true;
    this.#memory.plain = true;
    this.#beginPlain();
    for (let row = 0; row < rows; row++) {
      const code = codes[row] as number;
      this.#append(bytes, offsets[code] as number, offsets[code + 1] as number, row);
    }
  }

  finish(rows: number): Vector {
    if (!this.plain && rows >= TELLING_ROWS && this.#dictionary.size * 2 > rows)
      this.#toPlain(rows);
    if (!this.plain) return stringColumn(trimmed(this.#codes, rows), this.#dictionary.take());
    const used = this.#offsets[rows] as number;
    if (rows > 0) this.#bytesPerRow = used / rows;
    return stringColumn(undefined, {
      offsets: trimmed(this.#offsets, rows + 1),
      bytes: used < LARGE_BYTES ? trimmed(this.#bytes, used) : this.#bytes.subarray(0, used),
    });
  }
}

/**
 * Byte `at` ends a cell. Of a record that has more cells to come CR LF ends none, but such a record is refused as a whole.
 */
const endsCell = (bytes: Uint8Array, at: number, separator: number): boolean => {
  const byte = bytes[at];
  return byte === separator || byte === LF || (byte === CR && bytes[at + 1] === LF);
};

function cellEnd(bytes: Uint8Array, at: number, separator: number): number {
  const largest = separator > CR ? separator : CR;
  let p = at;
  while ((bytes[p] as number) > largest || !endsCell(bytes, p, separator)) p++;
  return p;
}

const isAcceptable = (source: Uint8Array, from: number, to: number): boolean =>
  to - from <= MAX_CELL && firstInvalidUtf8(source, from, to) < 0;

/** Throws what is wrong with a text that is not acceptable; facts.byte counts from the start of the cell. */
export function checkText(source: Uint8Array, from: number, to: number): void {
  if (to - from > MAX_CELL) throw new Fault("CELL_TOO_LARGE", "the cell has more than 64 MB");
  const invalid = firstInvalidUtf8(source, from, to);
  if (invalid < 0) return;
  throw new Fault("ENCODING_INVALID", "not UTF-8", {
    facts: { byte: invalid - from, value: source[invalid] },
  });
}
