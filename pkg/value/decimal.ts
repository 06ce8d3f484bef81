import type { Decimal } from "./value.ts";

/** Digits after the point that a quotient keeps (spec/expressions.md 2.2). */
const QUOTIENT_DIGITS = 16;

const POWERS: bigint[] = [1n];

/** 10^exponent; small powers are kept. */
export function powerOfTen(exponent: number): bigint {
  if (exponent > 400) return 10n ** BigInt(exponent);
  while (POWERS.length <= exponent) POWERS.push((POWERS[POWERS.length - 1] as bigint) * 10n);
  return POWERS[exponent] as bigint;
}

/** dividend / divisor to the nearest integer, halves away from zero; the divisor is not zero. */
function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend - quotient * divisor;
  const twice = remainder < 0n ? -2n * remainder : 2n * remainder;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

const digitsAt = (value: Decimal, scale: number): bigint =>
  value.scale === scale ? value.digits : value.digits * powerOfTen(scale - value.scale);

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { digits: digitsAt(left, scale) + digitsAt(right, scale), scale };
}

export function subtractDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { digits: digitsAt(left, scale) - digitsAt(right, scale), scale };
}

export const multiplyDecimals = (left: Decimal, right: Decimal): Decimal => ({
  digits: left.digits * right.digits,
  scale: left.scale + right.scale,
});

/** Rounded to 16 digits after the point, halves away from zero; undefined when the divisor is zero. */
export function divideDecimals(left: Decimal, right: Decimal): Decimal | undefined {
  if (right.digits === 0n) return undefined;
  const shift = QUOTIENT_DIGITS + right.scale - left.scale;
  const dividend = shift > 0 ? left.digits * powerOfTen(shift) : left.digits;
  const divisor = shift < 0 ? right.digits * powerOfTen(-shift) : right.digits;
  return { digits: divideHalfAway(dividend, divisor), scale: QUOTIENT_DIGITS };
}

export const negateDecimal = (value: Decimal): Decimal => ({
  digits: -value.digits,
  scale: value.scale,
});

/** By value: 1.10 equals 1.1. */
export function compareDecimals(left: Decimal, right: Decimal): -1 | 0 | 1 {
  const scale = Math.max(left.scale, right.scale);
  const a = digitsAt(left, scale);
  const b = digitsAt(right, scale);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** At most `digits` digits after the point, halves away from zero; a value with fewer is returned as it is. */
export function roundDecimal(value: Decimal, digits: number): Decimal {
  if (value.scale <= digits) return value;
  const divisor = powerOfTen(value.scale - digits);
  return { digits: divideHalfAway(value.digits, divisor), scale: digits };
}

/** At most `digits` digits after the point, the others cut off. */
export function truncateDecimal(value: Decimal, digits: number): Decimal {
  if (value.scale <= digits) return value;
  return { digits: value.digits / powerOfTen(value.scale - digits), scale: digits };
}

export const decimalFromCents = (cents: bigint | number): Decimal => ({
  digits: BigInt(cents),
  scale: 2,
});

/** Hundredths, rounded half away from zero. Any size: the caller checks the 64-bit range. */
export const decimalToCents = (value: Decimal): bigint => digitsAt(roundDecimal(value, 2), 2);

/** The same value without trailing zeros after the point: one form for equal values. */
export function trimDecimal(value: Decimal): Decimal {
  let { digits, scale } = value;
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return { digits, scale };
}
