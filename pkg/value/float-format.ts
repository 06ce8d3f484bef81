import { bitLength, shiftHalfEven, splitFloat } from "./binary-float.ts";
import { powerOfTen } from "./decimal.ts";
import { floatToText, notFiniteText, padExponent } from "./float-text.ts";

/** `b` mantissa and power of two, `e` exponent form, `f` fixed, `g` the shorter of both, `x` hexadecimal. */
export type FloatVerb = "b" | "e" | "f" | "g" | "x";

const FORMATS = {
  b: formatBinary,
  e: formatExponent,
  f: formatFixed,
  g: formatGeneral,
  x: formatHex,
} as const satisfies Readonly<Record<FloatVerb, (value: number, precision: number) => string>>;

/**
 * Text of a float, rounded from its exact binary value, ties to even. A negative precision means the fewest digits
 * that read back as the same double. `upper` gives the capital forms of verbs E, G and X.
 */
export function formatFloat(
  value: number,
  verb: FloatVerb,
  precision: number,
  upper = false,
): string {
  if (!Number.isFinite(value)) return notFiniteText(value);
  const text = FORMATS[verb](value, precision);
  return upper ? text.toUpperCase() : text;
}

const signOf = (value: number): string => (value < 0 || Object.is(value, -0) ? "-" : "");

/** magnitude × 10^digits to the nearest integer, exactly; `digits` may be negative. */
function scaledHalfEven(magnitude: number, digits: number): bigint {
  const { mantissa, exponent } = splitFloat(magnitude);
  const numerator = digits > 0 ? mantissa * powerOfTen(digits) : mantissa;
  const divisor = digits < 0 ? powerOfTen(-digits) : 1n;
  if (divisor === 1n) {
    return exponent < 0 ? shiftHalfEven(numerator, -exponent) : numerator << BigInt(exponent);
  }
  const shifted = exponent > 0 ? numerator << BigInt(exponent) : numerator;
  return divideHalfEven(shifted, exponent < 0 ? divisor << BigInt(-exponent) : divisor);
}

function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend - quotient * divisor);
  const up = twice > divisor || (twice === divisor && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** JavaScript's toFixed is exact but rounds ties up and leaves fixed form at 1e21. */
function formatFixed(value: number, precision: number): string {
  const magnitude = Math.abs(value);
  if (precision < 0) return signOf(value) + plainDigits(magnitude);
  const sign = signOf(value);
  if (magnitude >= 1e21 || precision > 100) {
    const digits = scaledHalfEven(magnitude, precision)
      .toString()
      .padStart(precision + 1, "0");
    if (precision === 0) return sign + digits;
    const point = digits.length - precision;
    return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
  const text = magnitude.toFixed(precision);
  return sign + (isTie(magnitude, precision) ? evenDown(text) : text);
}

/** Exactly halfway between two texts with `precision` digits after the point: an odd multiple of 2^-(precision + 1). */
const isTie = (magnitude: number, precision: number): boolean => {
  const doubled = magnitude * 2 ** (precision + 1);
  return Number.isInteger(doubled) && doubled % 2 !== 0;
};

/** The even neighbour of a text that was rounded up from a tie. */
function evenDown(text: string): string {
  const last = text.charCodeAt(text.length - 1) - 48;
  return last % 2 === 0 ? text : text.slice(0, -1) + String(last - 1);
}

/** Shortest digits without an exponent. */
function plainDigits(magnitude: number): string {
  const text = String(magnitude);
  const at = text.indexOf("e");
  if (at < 0) return text;
  const exponent = Number(text.slice(at + 1));
  const [whole = "", fraction = ""] = text.slice(0, at).split(".");
  if (exponent > 0) return (whole + fraction).padEnd(exponent + 1, "0");
  return `0.${"0".repeat(-exponent - 1)}${whole}${fraction}`;
}

function formatExponent(value: number, precision: number): string {
  const magnitude = Math.abs(value);
  if (precision < 0) return signOf(value) + padExponent(magnitude.toExponential());
  const quick = precision < 100 ? magnitude.toExponential(precision) : undefined;
  if (quick !== undefined && !mayBeTie(magnitude, precision)) {
    return signOf(value) + padExponent(quick);
  }
  return signOf(value) + exactExponent(magnitude, precision);
}

/** A tie has an exact decimal expansion whose last digit, one beyond the precision, is 5. */
const mayBeTie = (magnitude: number, precision: number): boolean => {
  const longer = magnitude.toExponential(precision + 1);
  return longer.charCodeAt(longer.indexOf("e") - 1) === 53;
};

function exactExponent(magnitude: number, precision: number): string {
  if (magnitude === 0) return `0.${"0".repeat(precision)}e+00`;
  const estimate = Number(magnitude.toExponential(20).split("e")[1]);
  const digits = scaledHalfEven(magnitude, precision - estimate).toString();
  const exponent = estimate + digits.length - precision - 1;
  const kept = digits.slice(0, precision + 1);
  const mantissa = precision === 0 ? kept : `${kept.slice(0, 1)}.${kept.slice(1)}`;
  return padExponent(`${mantissa}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`);
}

const withoutTrailingZeros = (text: string): string =>
  text.includes(".") ? text.replace(/\.?0+$/, "") : text;

function formatGeneral(value: number, precision: number): string {
  if (precision < 0) return floatToText(value);
  const significant = Math.max(1, precision);
  const text = formatExponent(value, significant - 1);
  const at = text.indexOf("e");
  const exponent = Number(text.slice(at + 1));
  if (exponent < -4 || exponent >= significant) {
    return withoutTrailingZeros(text.slice(0, at)) + text.slice(at);
  }
  return withoutTrailingZeros(formatFixed(value, significant - 1 - exponent));
}

function formatBinary(value: number): string {
  const { negative, mantissa, exponent } = splitFloat(value);
  return `${negative ? "-" : ""}${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

function formatHex(value: number, precision: number): string {
  const { negative, mantissa, exponent } = splitFloat(value);
  const length = mantissa === 0n ? 1 : bitLength(mantissa);
  let top = mantissa === 0n ? 0 : exponent + length - 1;
  let bits = mantissa << BigInt(53 - length);
  if (precision >= 0 && precision < 13) {
    const shift = 52 - 4 * precision;
    bits = shiftHalfEven(bits, shift) << BigInt(shift);
    if (bits >> 53n === 1n) {
      bits >>= 1n;
      top += 1;
    }
  }
  const lead = bits >> 52n;
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  const shown =
    precision < 0
      ? fraction.replace(/0+$/, "")
      : fraction.slice(0, precision).padEnd(precision, "0");
  const power = Math.abs(top).toString().padStart(2, "0");
  return `${negative ? "-" : ""}0x${lead}${shown === "" ? "" : `.${shown}`}p${top < 0 ? "-" : "+"}${power}`;
}
