import { CR, LF } from "./bytes.ts";
import { POWERS_OF_TEN } from "./number-builders.ts";

/** Where the cells of a column go, and what ends them: the separator, or the line feed for the last cell of a record. */
export interface CellTarget {
  readonly values: Float64Array | Uint8Array;
  readonly end: number;
}

/**
 * Reads the usual texts of one type: the cell of `bytes` at `at` into row `row` of the target. Returns the position of the terminator,
 * or -1 for every other text and for a cell that the end of the window cuts off: the exact cell reader takes those. Where the line
 * feed ends the cell, CR LF does too.
 *
 * These are functions of their own, not code inside the scanner, because V8 optimises a small function after the first thousand
 * cells of any file, a whole scanner only after most of a file of some megabytes.
 */
export type CellScan = (bytes: Uint8Array, at: number, row: number, target: CellTarget) => number;

const MINUS = 45;
const POINT = 46;
/** `byte ^ ZERO` is below 10 for digits only. */
const ZERO = 48;

const endsAt = (bytes: Uint8Array, at: number, end: number): boolean =>
  bytes[at] === end || (end === LF && bytes[at] === CR && bytes[at + 1] === LF);

export const intCell: CellScan = (bytes, at, row, { values, end }) => {
  const negative = bytes[at] === MINUS;
  const start = negative ? at + 1 : at;
  let p = start;
  let value = 0;
  for (let digit = 0; (digit = (bytes[p] as number) ^ ZERO) < 10; p++) value = value * 10 + digit;
  if (p === start || p - start > 15 || !endsAt(bytes, p, end)) return -1;
  values[row] = negative ? 0 - value : value;
  return p;
};

/** What a digit behind the point adds to the hundredths; the third one rounds half away from zero. */
const centsOf = (digit: number, place: number): number => {
  if (place === 0) return digit * 10;
  if (place === 1) return digit;
  return place === 2 && digit > 4 ? 1 : 0;
};

/** Into hundredths. */
export const decimalCell: CellScan = (bytes, at, row, { values, end }) => {
  const negative = bytes[at] === MINUS;
  const start = negative ? at + 1 : at;
  let p = start;
  let cents = 0;
  let digit = 0;
  for (; (digit = (bytes[p] as number) ^ ZERO) < 10; p++) cents = cents * 10 + digit;
  if (p === start || p - start > 13) return -1;
  cents *= 100;
  if (bytes[p] === POINT) {
    const from = ++p;
    for (; (digit = (bytes[p] as number) ^ ZERO) < 10; p++) cents += centsOf(digit, p - from);
    if (p === from) return -1;
  }
  if (!endsAt(bytes, p, end)) return -1;
  values[row] = negative ? 0 - cents : cents;
  return p;
};

/** Digits and the power of ten are both exact, so is their rounded quotient. */
export const floatCell: CellScan = (bytes, at, row, { values, end }) => {
  const negative = bytes[at] === MINUS;
  const start = negative ? at + 1 : at;
  let p = start;
  let value = 0;
  let digit = 0;
  for (; (digit = (bytes[p] as number) ^ ZERO) < 10; p++) value = value * 10 + digit;
  let digits = p - start;
  let places = 0;
  if (bytes[p] === POINT) {
    const from = ++p;
    for (; (digit = (bytes[p] as number) ^ ZERO) < 10; p++) value = value * 10 + digit;
    places = p - from;
    digits += places;
  }
  if (digits === 0 || digits > 15 || !endsAt(bytes, p, end)) return -1;
  if (places > 0) value /= POWERS_OF_TEN[places] as number;
  values[row] = negative ? -value : value;
  return p;
};

const WORDS = ["true", "false"].map((word) => new TextEncoder().encode(word));
/** What is true, what is false in one byte: `1`, `t`, `T` and `0`, `f`, `F`. */
const LETTERS = new Int8Array(256).fill(-1);
for (const [value, letters] of ["0fF", "1tT"].entries())
  for (const letter of new TextEncoder().encode(letters)) LETTERS[letter] = value;

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

export const boolCell: CellScan = (bytes, at, row, { values, end }) => {
  const value = LETTERS[bytes[at] as number] as number;
  const word = WORDS[1 - value];
  if (word === undefined) return -1;
  const p = at + (startsWith(bytes, at, word) ? word.length : 1);
  if (!endsAt(bytes, p, end)) return -1;
  values[row] = value;
  return p;
};
