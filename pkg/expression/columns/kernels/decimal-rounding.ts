import {
  decimalFromFloat,
  decimalToCents,
  divideDecimals,
  multiplyDecimals,
  type Decimal,
} from "#pkg/value";
import type { Doubles } from "../doubles.ts";

const MAX = Number.MAX_SAFE_INTEGER;
/** Few-digit decimals are recognised up to this many digits after the point. */
const NICE = 10_000;
const NICE_SCALE = 4;
/** Below this a text of at most 15 digits is the shortest one of its double. */
const FIFTEEN_DIGITS = 1e15;
/** More than the relative error of the two or three double operations on the way. */
const RELATIVE_ERROR = 2 ** -50;
/** Hundredths beyond which doubles have no useful fraction. */
const MAX_ESTIMATE = 2 ** 46;
/** Rounding a quotient to 16 digits moves it by less than this many hundredths. */
const FIRST_ROUNDING = 1e-13;

/**
 * An estimate of a size in hundredths rounded to a whole number; -1 when it is so near to a half that the error could
 * turn the rounding.
 */
function roundedEstimate(estimate: number, slack: number): number {
  const whole = Math.floor(estimate);
  const distance = estimate - whole - 0.5;
  const isSure = Math.abs(distance) > estimate * RELATIVE_ERROR + slack && estimate < MAX_ESTIMATE;
  if (!isSure) return -1;
  return distance > 0 ? whole + 1 : whole;
}

/**
 * Products of decimals with the shortest decimal texts of doubles, in hundredths, half away from zero. Undefined when
 * one is no safe integer.
 */
export function multiplyToCents(scaled: Doubles, doubles: Float64Array): Float64Array | undefined {
  const { values, step, scale } = scaled;
  const divisor = 10 ** (scale + NICE_SCALE - 2);
  const half = divisor / 2;
  const toCents = 10 ** (2 - scale);
  const result = new Float64Array(doubles.length);
  for (let row = 0; row < result.length; row += 1) {
    const factor = values[row & step] as number;
    const double = doubles[row] as number;
    const digits = Math.round(double * NICE);
    const raised = Math.abs(factor * digits) + half;
    const isNice = digits / NICE === double && Math.abs(digits) < FIFTEEN_DIGITS && raised <= MAX;
    let size = isNice
      ? Math.floor(raised / divisor)
      : roundedEstimate(Math.abs(factor * double) * toCents, 0);
    if (size < 0) {
      const exact = exactProduct({ digits: BigInt(factor), scale }, double);
      if (exact > MAX) return undefined;
      size = exact;
    }
    result[row] = factor < 0 !== double < 0 ? 0 - size : size;
  }
  return result;
}

function exactProduct(factor: Decimal, double: number): number {
  return sizeInCents(multiplyDecimals(factor, decimalFromFloat(double) as Decimal));
}

const sizeInCents = (value: Decimal): number => Math.abs(Number(decimalToCents(value)));

/** Quotients rounded to 16 digits and then to hundredths; undefined for a zero divisor or too large a result. */
export function divideToCents(
  left: Doubles,
  right: Doubles,
  rows: number,
): Float64Array | undefined {
  const { values: a, step: aStep, scale: aScale } = left;
  const { values: b, step: bStep, scale: bScale } = right;
  const toCents = 10 ** (bScale - aScale + 2);
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const dividend = a[row & aStep] as number;
    const divisor = b[row & bStep] as number;
    if (divisor === 0) return undefined;
    let size = roundedEstimate(Math.abs(dividend / divisor) * toCents, FIRST_ROUNDING);
    if (size < 0) {
      const quotient = divideDecimals(
        { digits: BigInt(dividend), scale: aScale },
        { digits: BigInt(divisor), scale: bScale },
      );
      size = sizeInCents(quotient as Decimal);
      if (size > MAX) return undefined;
    }
    result[row] = dividend < 0 !== divisor < 0 ? 0 - size : size;
  }
  return result;
}
