import type { Vector } from "#pkg/rowset";
import { decimalFromCents, decimalToCents, isInt64, type Decimal, type Value } from "#pkg/value";
import { Exceptions, trimmed, type ColumnBuilder } from "./builder.ts";
import { textOf } from "./bytes.ts";

const MINUS = 45;
const POINT = 46;
/** Digits that a double surely holds exactly, also times 100 for the smaller figure. */
const SAFE_DIGITS = 15;
const SAFE_DIGITS_OF_DECIMAL = 13;

export const POWERS_OF_TEN = Array.from({ length: 23 }, (_, n) => 10 ** n);

type Exact = (text: string) => Value;

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isSafe = (value: bigint): boolean =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);

/** Whole number of at most 15 digits with an optional minus; NaN for every other text. */
function shortInteger(source: Uint8Array, from: number, to: number): number {
  const negative = source[from] === MINUS;
  const start = negative ? from + 1 : from;
  if (start >= to || to - start > SAFE_DIGITS) return Number.NaN;
  let value = 0;
  for (let i = start; i < to; i++) {
    const byte = source[i] as number;
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + byte - 48;
  }
  return negative ? 0 - value : value;
}

function withExceptions(
  values: Float64Array,
  rows: number,
  exceptions: Pick<Exceptions<bigint>, "rows"> & { readonly values: readonly bigint[] },
): BigInt64Array {
  const all = new BigInt64Array(rows);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    if (exceptions.rows[next] === row) all[row] = exceptions.values[next++] as bigint;
    else all[row] = BigInt(values[row] as number);
  }
  return all;
}

export class IntBuilder implements ColumnBuilder {
  values = new Float64Array(0);
  readonly #exact: Exact;
  readonly #plain: boolean;
  readonly #exceptions = new Exceptions<bigint>();

  /** `plain`: cells are decimal digits, no scan format. */
  constructor(exact: Exact, plain: boolean) {
    this.#exact = exact;
    this.#plain = plain;
  }

  begin(capacity: number): void {
    this.values = new Float64Array(capacity);
    this.#exceptions.clear();
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    const short = this.#plain ? shortInteger(source, from, to) : Number.NaN;
    if (!Number.isNaN(short)) {
      this.values[row] = short;
      return;
    }
    const value = this.#exact(textOf(source, from, to)) as bigint;
    if (isSafe(value)) this.values[row] = Number(value);
    else this.#exceptions.set(row, value, this.values);
  }

  finish(rows: number): Vector {
    this.#exceptions.settle(rows, this.values);
    const exact = this.#exceptions.rows.length > 0;
    return {
      type: "int",
      values: exact
        ? withExceptions(this.values, rows, this.#exceptions)
        : trimmed(this.values, rows),
    };
  }
}

/** True for digits, points, signs and the letters of exponents: texts that JavaScript and Go read alike. */
function looksLikeFloat(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = source[i] as number;
    const known =
      isDigit(byte) || byte === MINUS || byte === POINT || (byte | 32) === 101 || byte === 43;
    if (!known) return false;
  }
  return to > from;
}

export class FloatBuilder implements ColumnBuilder {
  values = new Float64Array(0);
  readonly #exact: Exact;
  readonly #plain: boolean;

  constructor(exact: Exact, plain: boolean) {
    this.#exact = exact;
    this.#plain = plain;
  }

  begin(capacity: number): void {
    this.values = new Float64Array(capacity);
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    const text = textOf(source, from, to);
    const quick = this.#plain && looksLikeFloat(source, from, to) ? Number(text) : Number.NaN;
    this.values[row] = Number.isFinite(quick) ? quick : (this.#exact(text) as number);
  }

  finish(rows: number): Vector {
    return { type: "float", values: trimmed(this.values, rows) };
  }
}

/** Hundredths of the digits behind a point, the third one rounding half up; NaN when there is none or anything else. */
function fractionCents(source: Uint8Array, from: number, to: number): number {
  let cents = from < to ? 0 : Number.NaN;
  for (let at = from; at < to; at++) {
    const digit = (source[at] as number) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    if (at === from) cents += digit * 10;
    else if (at === from + 1) cents += digit;
    else if (at === from + 2 && digit >= 5) cents++;
  }
  return cents;
}

/** Cents of `digits[.digits]` with an optional minus, rounded half away from zero; NaN for every other or longer text. */
function shortDecimal(source: Uint8Array, from: number, to: number): number {
  const start = source[from] === MINUS ? from + 1 : from;
  let at = start;
  let whole = 0;
  while (at < to && isDigit(source[at] as number))
    whole = whole * 10 + (source[at++] as number) - 48;
  if (at === start || at - start > SAFE_DIGITS_OF_DECIMAL) return Number.NaN;
  if (at < to && source[at] !== POINT) return Number.NaN;
  const cents = whole * 100 + (at < to ? fractionCents(source, at + 1, to) : 0);
  return start > from ? 0 - cents : cents;
}

export class DecimalBuilder implements ColumnBuilder {
  values = new Float64Array(0);
  readonly #exact: Exact;
  readonly #plain: boolean;
  readonly #exceptions = new Exceptions<Decimal>();

  constructor(exact: Exact, plain: boolean) {
    this.#exact = exact;
    this.#plain = plain;
  }

  begin(capacity: number): void {
    this.values = new Float64Array(capacity);
    this.#exceptions.clear();
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    const short = this.#plain ? shortDecimal(source, from, to) : Number.NaN;
    if (!Number.isNaN(short)) {
      this.values[row] = short;
      return;
    }
    const value = this.#exact(textOf(source, from, to)) as Decimal;
    const cents = value.scale <= 2 ? decimalToCents(value) : undefined;
    if (cents !== undefined && isSafe(cents)) this.values[row] = Number(cents);
    else this.#exceptions.set(row, value, this.values);
  }

  finish(rows: number): Vector {
    const exceptions = this.#exceptions;
    exceptions.settle(rows, this.values);
    if (exceptions.rows.length === 0)
      return { type: "decimal2", values: trimmed(this.values, rows) };
    const cents = exceptions.values.map((value) =>
      value.scale <= 2 ? decimalToCents(value) : undefined,
    );
    if (cents.every((c) => c !== undefined && isInt64(c))) {
      const inCents = { rows: exceptions.rows, values: cents as readonly bigint[] };
      return { type: "decimal2", values: withExceptions(this.values, rows, inCents) };
    }
    const exact = Array.from(this.values.subarray(0, rows), (value) =>
      decimalFromCents(Number.isNaN(value) ? 0 : value),
    );
    exceptions.rows.forEach((row, i) => (exact[row] = exceptions.values[i] as Decimal));
    return { type: "decimal2", exact };
  }
}
