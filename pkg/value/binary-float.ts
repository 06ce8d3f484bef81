/** A finite double as mantissa × 2^exponent; negative zero keeps its sign. */
export interface BinaryFloat {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 52n;
const MANTISSA_MASK = (1n << MANTISSA_BITS) - 1n;
/** Exponent of the last mantissa bit of the smallest doubles. */
const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;

const view = new DataView(new ArrayBuffer(8));

/** The value of NaN and infinities is meaningless. */
export function splitFloat(value: number): BinaryFloat {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> MANTISSA_BITS) & 0x7ffn);
  const fraction = bits & MANTISSA_MASK;
  const negative = bits >> 63n === 1n;
  if (biased === 0) return { negative, mantissa: fraction, exponent: MIN_EXPONENT };
  return {
    negative,
    mantissa: fraction | (1n << MANTISSA_BITS),
    exponent: biased - 1 + MIN_EXPONENT,
  };
}

export const bitLength = (magnitude: bigint): number => {
  const hex = magnitude.toString(16);
  return (hex.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(hex.charAt(0), 16));
};

/** magnitude >> shift, rounded to nearest, halves to even. */
export function shiftHalfEven(magnitude: bigint, shift: number): bigint {
  const bits = BigInt(shift);
  const kept = magnitude >> bits;
  const lost = magnitude - (kept << bits);
  const half = 1n << (bits - 1n);
  const up = lost > half || (lost === half && (kept & 1n) === 1n);
  return up ? kept + 1n : kept;
}

/** Nearest double of mantissa × 2^exponent (mantissa ≥ 0), ties to even; Infinity when too large. */
export function joinFloat(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const top = exponent + bitLength(mantissa) - 1;
  if (top > MAX_EXPONENT) return Infinity;
  if (top < MIN_EXPONENT - 1) return 0;
  const lowest = Math.max(top - Number(MANTISSA_BITS), MIN_EXPONENT);
  const shift = lowest - exponent;
  const kept = shift > 0 ? shiftHalfEven(mantissa, shift) : mantissa << BigInt(-shift);
  return scaleByPowerOfTwo(Number(kept), lowest);
}

/** value × 2^exponent in two exact steps, because 2^exponent alone may leave the range of doubles. */
export function scaleByPowerOfTwo(value: number, exponent: number): number {
  const first = Math.max(-1022, Math.min(MAX_EXPONENT, exponent));
  return value * 2 ** first * 2 ** (exponent - first);
}
