import { floatHigh, floatLow, highWord, lowWord, wordsOf } from "./canonical.ts";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { finishHash, hashBytes, hashBytesOther, mixOther, mixWord } from "./hash-bytes.ts";
import type { Entries } from "./texts.ts";

const SEED_A = 0xbb67ae85;
const SEED_B = 0x3c6ef372;
const HEX_DIGITS = 8;

/** Two running hashes over the values of one column, in row order. */
class ColumnHash {
  a = SEED_A;
  b = SEED_B;

  doubles(values: Float64Array): void {
    let { a, b } = this;
    for (let row = 0; row < values.length; row++) {
      const value = values[row] as number;
      const low = lowWord(value);
      const high = highWord(value);
      a = mixWord(mixWord(a, low), high);
      b = mixOther(mixOther(b, high), low);
    }
    this.a = a;
    this.b = b;
  }

  bigInts(values: BigInt64Array): void {
    let { a, b } = this;
    const words = wordsOf(values);
    for (let word = 0; word < words.length; word += 2) {
      const low = words[word] as number;
      const high = words[word + 1] as number;
      a = mixWord(mixWord(a, low), high);
      b = mixOther(mixOther(b, high), low);
    }
    this.a = a;
    this.b = b;
  }

  floats(values: Float64Array): void {
    let { a, b } = this;
    const words = wordsOf(values);
    for (let word = 0; word < words.length; word += 2) {
      const rawLow = words[word] as number;
      const rawHigh = words[word + 1] as number;
      const low = floatLow(rawLow, rawHigh);
      const high = floatHigh(rawLow, rawHigh);
      a = mixWord(mixWord(a, low), high);
      b = mixOther(mixOther(b, high), low);
    }
    this.a = a;
    this.b = b;
  }

  bools(values: Uint8Array): void {
    for (const value of values) this.pair(value, value);
  }

  strings(column: StringColumn): void {
    const { codes, offsets, bytes } = column;
    if (codes !== undefined && codes.length >= offsets.length - 1) return this.coded(column, codes);
    const rows = codes?.length ?? offsets.length - 1;
    for (let row = 0; row < rows; row++) {
      const entry = codes === undefined ? row : (codes[row] as number);
      const start = offsets[entry] as number;
      const end = offsets[entry + 1] as number;
      this.pair(hashBytes(bytes, start, end), hashBytesOther(bytes, start, end));
    }
  }

  /** Hashes each entry once. */
  coded({ offsets, bytes }: Entries, codes: Int32Array): void {
    const hashes = new Int32Array((offsets.length - 1) * 2);
    for (let entry = 1; entry < offsets.length; entry++) {
      const start = offsets[entry - 1] as number;
      const end = offsets[entry] as number;
      hashes[entry * 2 - 2] = hashBytes(bytes, start, end);
      hashes[entry * 2 - 1] = hashBytesOther(bytes, start, end);
    }
    for (let row = 0; row < codes.length; row++) {
      const place = (codes[row] as number) * 2;
      this.pair(hashes[place] as number, hashes[place + 1] as number);
    }
  }

  pair(first: number, second: number): void {
    this.a = mixWord(this.a, first);
    this.b = mixOther(this.b, second);
  }
}

function feed(hash: ColumnHash, column: Column): void {
  switch (column.type) {
    case "string":
      return hash.strings(column);
    case "bool":
      return hash.bools(column.values);
    case "float":
      return hash.floats(column.values);
    default:
      return column.values instanceof Float64Array
        ? hash.doubles(column.values)
        : hash.bigInts(column.values);
  }
}

const utf8 = new TextEncoder();

const hex = (word: number): string => (word >>> 0).toString(16).padStart(HEX_DIGITS, "0");

/**
 * Hash of the rows of a table: it depends on field names, types, values and their order, and on nothing else - not on how
 * rows are cut into rowsets, not on dictionaries or number forms, not on the order of the columns. Fixed for ever.
 */
export class ValueHash {
  #rows = 0;
  readonly #columns = new Map<string, ColumnHash>();

  update(rowset: Rowset): void {
    this.#rows += rowset.rows;
    for (const [name, column] of rowset.columns) {
      const key = `${name} ${column.type}`;
      const known = this.#columns.get(key) ?? new ColumnHash();
      this.#columns.set(key, known);
      feed(known, column);
    }
  }

  /** 16 hex digits. */
  digest(): string {
    const total = new ColumnHash();
    total.pair(this.#rows, this.#rows);
    for (const [key, { a, b }] of [...this.#columns].toSorted(byKey)) {
      const name = utf8.encode(key);
      total.pair(hashBytes(name, 0, name.length), hashBytesOther(name, 0, name.length));
      total.pair(a, b);
    }
    return hex(finishHash(total.a)) + hex(finishHash(total.b));
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;
