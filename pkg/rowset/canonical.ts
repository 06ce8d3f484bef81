/**
 * The canonical form of values that hashes are taken over: every number as two 32-bit words, whatever holds it. Integers,
 * decimals (hundredths) and datetimes (milliseconds) as two's complement; floats as IEEE bits with one zero and one NaN.
 */
const HIGH_UNIT = 2 ** 32;

export const lowWord = (value: number): number => value | 0;

export const highWord = (value: number): number => Math.floor(value / HIGH_UNIT) | 0;

/** Low word first, two words a value. */
export const wordsOf = (values: Float64Array | BigInt64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length * 2);

const EXPONENT = 0x7ff00000;
const MANTISSA = 0x000fffff;
const NAN_HIGH = 0x7ff80000;

const isNaNWords = (low: number, high: number): boolean =>
  (high & EXPONENT) === EXPONENT && ((high & MANTISSA) | low) !== 0;

export const floatLow = (low: number, high: number): number => (isNaNWords(low, high) ? 0 : low);

export function floatHigh(low: number, high: number): number {
  if (isNaNWords(low, high)) return NAN_HIGH;
  return (low | (high << 1)) === 0 ? 0 : high;
}
