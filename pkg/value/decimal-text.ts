import { powerOfTen, roundDecimal } from "./decimal.ts";
import type { Decimal } from "./value.ts";

/** Larger exponents would only exhaust memory at the first operation (spec/expressions.md 5.3). */
const MAX_EXPONENT = 100_000;
const DECIMAL_TEXT = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/** Decimal text of spec/expressions.md 5.3, exact; undefined when it does not fit. */
export function decimalFromText(text: string): Decimal | undefined {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", after = "", only = "", power = "0"] = match;
  const exponent = Number(power);
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const fraction = after + only;
  const magnitude = BigInt(whole + fraction);
  const digits = sign === "-" ? -magnitude : magnitude;
  const scale = fraction.length - exponent;
  return scale >= 0 ? { digits, scale } : { digits: digits * powerOfTen(-scale), scale: 0 };
}

/** Text with exactly `scale` digits after the point; `digits` is the value times 10^scale. */
function pointText(digits: bigint, scale: number): string {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const sign = digits < 0n ? "-" : "";
  if (scale === 0) return sign + magnitude;
  const point = magnitude.length - scale;
  return `${sign}${magnitude.slice(0, point)}.${magnitude.slice(point)}`;
}

/** Default text: plain digits, no exponent, no trailing zeros after the point, no negative zero. */
export function decimalToText(value: Decimal): string {
  const text = pointText(value.digits, value.scale);
  if (value.scale === 0) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  if (text.charCodeAt(end - 1) === 46) end -= 1;
  return text.slice(0, end);
}

/** Exactly `digits` digits after the point, rounded half away from zero; zero has no sign. */
export function decimalToFixed(value: Decimal, digits: number): string {
  const rounded = roundDecimal(value, digits);
  const missing = digits - rounded.scale;
  return pointText(missing > 0 ? rounded.digits * powerOfTen(missing) : rounded.digits, digits);
}

/** `decimalToFixed(…, 2)` of stored hundredths. */
export function centsToFixed(cents: bigint | number): string {
  if (typeof cents === "bigint") return pointText(cents, 2);
  const magnitude = Math.abs(cents);
  const rest = magnitude % 100;
  const sign = cents < 0 ? "-" : "";
  return `${sign}${(magnitude - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
}

/** Exact decimal of the shortest text that reads back as the same double; undefined for NaN and infinities. */
export function decimalFromFloat(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Number.isSafeInteger(value)) return { digits: BigInt(value), scale: 0 };
  return decimalFromText(String(value));
}

const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Nearest double, ties to even. */
export function decimalToFloat(value: Decimal): number {
  const { digits, scale } = value;
  const whole = Number(digits);
  if (scale === 0) return whole;
  if (scale < EXACT_POWERS.length && Number.isSafeInteger(whole)) {
    return whole / (EXACT_POWERS[scale] as number);
  }
  return Number(`${digits}e-${scale}`);
}
