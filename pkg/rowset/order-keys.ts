import {
  compareDecimals,
  compareUtf8,
  decimalFromCents,
  decimalToFloat,
  type Decimal,
} from "#pkg/value";
import type { Integers, StringColumn } from "./column.ts";
import { compactStrings } from "./compact-strings.ts";
import { foldedTexts, type FoldPart } from "./folded-texts.ts";
import { prefixKeys } from "./prefix-keys.ts";
import { rankBy, type Ranks } from "./rank.ts";
import { textsOf } from "./texts.ts";
import { isExact, type ExactDatetimes, type ExactDecimals, type Vector } from "./vector.ts";

/** What orders one component; the shape of a script's KeyComponent. */
export interface OrderPart extends FoldPart {
  readonly descending: boolean;
}

const compare = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : Number(a > b));

const equal = (): number => 0;

function textRanks(texts: readonly string[], part: OrderPart): Ranks {
  const folded = foldedTexts(texts, part);
  return rankBy({
    hints: prefixKeys(folded),
    fold: (i, j) => compareUtf8(folded[i] as string, folded[j] as string),
    exact: (i, j) => compareUtf8(texts[i] as string, texts[j] as string),
  });
}

function perRow(ranks: Float64Array, codes: Int32Array): Float64Array {
  const keys = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++) keys[row] = ranks[codes[row] as number] as number;
  return keys;
}

function stringKeys(column: StringColumn, part: OrderPart): Ranks {
  const sparse = column.codes !== undefined && column.codes.length < column.offsets.length - 1;
  const { codes, ...entries } = sparse ? compactStrings(column) : column;
  const { fold, exact } = textRanks(textsOf({ codes, ...entries }), part);
  if (codes === undefined) return { fold, exact };
  return {
    fold: perRow(fold, codes),
    exact: exact === undefined ? undefined : perRow(exact, codes),
  };
}

function integerKeys(values: Integers): Ranks {
  if (values instanceof Float64Array) return { fold: values, exact: undefined };
  return rankBy({
    hints: Float64Array.from(values, Number),
    fold: (i, j) => compare(values[i] as bigint, values[j] as bigint),
    exact: equal,
  });
}

const HUNDREDTHS = 100;
/** Up to here hundredths of different size are different doubles after division. */
const EXACT_CENTS = 2 ** 45;

function decimalKeys(values: Integers): Ranks {
  if (values instanceof BigInt64Array) {
    // The nearest double, as of decimals that no table can hold: which form a column has depends on its other rows.
    const fold = Float64Array.from(values, (cents) => decimalToFloat(decimalFromCents(cents)));
    return { fold, exact: integerKeys(values).fold };
  }
  const fold = values.map((cents) => cents / HUNDREDTHS);
  return {
    fold,
    exact: values.some((cents) => Math.abs(cents) > EXACT_CENTS) ? values : undefined,
  };
}

/** Key texts of floats have 32 digits after the point, so only numbers nearer to zero than this can tie. */
const TINY = 1e-16;
const FOLD_DIGITS = 32;
/** Stands for negative numbers that print as zero: they come before zero and after every other negative number. */
const NEGATIVE_ZERO_TEXT = -1e-33;

function foldFloat(value: number): number {
  if (!(Math.abs(value) < TINY) || value === 0) return value;
  const printed = Number(value.toFixed(FOLD_DIGITS));
  return value < 0 && printed === 0 ? NEGATIVE_ZERO_TEXT : printed;
}

/** NaN after all numbers. */
const compareFloats = (a: number, b: number): number =>
  compare(a, b) || compare(Number(Number.isNaN(a)), Number(Number.isNaN(b)));

function floatKeys(values: Float64Array): Ranks {
  const folded = values.map(foldFloat);
  if (values.some(Number.isNaN)) {
    return rankBy({
      hints: folded.map((value) => (Number.isNaN(value) ? Infinity : value)),
      fold: (i, j) => compareFloats(folded[i] as number, folded[j] as number),
      exact: (i, j) => compareFloats(values[i] as number, values[j] as number),
    });
  }
  const differs = values.some((value, row) => value !== folded[row]);
  return { fold: folded, exact: differs ? values : undefined };
}

function exactDecimalKeys({ exact }: ExactDecimals): Ranks {
  const floats = Float64Array.from(exact, decimalToFloat);
  return rankBy({
    hints: floats,
    fold: (i, j) => compare(floats[i] as number, floats[j] as number),
    exact: (i, j) => compareDecimals(exact[i] as Decimal, exact[j] as Decimal),
  });
}

const NS_PER_MICROSECOND = 1000n;

const floorToMicroseconds = (ns: bigint): bigint =>
  ns - (((ns % NS_PER_MICROSECOND) + NS_PER_MICROSECOND) % NS_PER_MICROSECOND);

/** Microseconds order datetimes, then nanoseconds. */
function exactDatetimeKeys({ exact }: ExactDatetimes): Ranks {
  const ns = exact.map((value) => value.ns);
  const floor = ns.map(floorToMicroseconds);
  return rankBy({
    hints: Float64Array.from(floor, Number),
    fold: (i, j) => compare(floor[i] as bigint, floor[j] as bigint),
    exact: (i, j) => compare(ns[i] as bigint, ns[j] as bigint),
  });
}

/** One number a row and step, in ascending sense. */
export function orderKeys(vector: Vector, part: OrderPart): Ranks {
  if (isExact(vector))
    return vector.type === "decimal2" ? exactDecimalKeys(vector) : exactDatetimeKeys(vector);
  switch (vector.type) {
    case "int":
      return integerKeys(vector.values);
    case "decimal2":
      return decimalKeys(vector.values);
    case "float":
      return floatKeys(vector.values);
    case "datetime":
      return { fold: vector.values, exact: undefined };
    case "bool":
      return { fold: new Float64Array(vector.values), exact: undefined };
    default:
      return stringKeys(vector, part);
  }
}
