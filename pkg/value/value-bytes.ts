import { bitLength } from "./binary-float.ts";
import { secondsOf } from "./date-time.ts";
import { trimDecimal } from "./decimal.ts";
import type { FieldType } from "./field-type.ts";
import type { DateTime, Decimal, Value } from "./value.ts";

const encoder = new TextEncoder();

function withView(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** One zero, one NaN: a computed NaN may carry a sign and other bits. */
function canonicalFloat(value: number): number {
  if (value === 0) return 0;
  return Number.isNaN(value) ? NaN : value;
}

export const floatBits = (value: number): Uint8Array =>
  withView(8, (view) => view.setFloat64(0, canonicalFloat(value)));

export const int64Bytes = (value: bigint): Uint8Array =>
  withView(8, (view) => view.setBigInt64(0, value));

/** Seconds as 8 bytes and nanoseconds of the second as 4; the zone is no part of the value. */
export function instantBytes(value: DateTime): Uint8Array {
  const { seconds, nanosecond } = secondsOf(value);
  return withView(12, (view) => {
    view.setBigInt64(0, BigInt(seconds));
    view.setUint32(8, nanosecond);
  });
}

/** Scale in 4 bytes, then the integer in two's complement, big-endian, as few bytes as it needs. */
function decimalBytes(value: Decimal): Uint8Array {
  const { digits, scale } = trimDecimal(value);
  const magnitude = digits < 0n ? -digits - 1n : digits;
  const length = Math.floor(bitLength(magnitude) / 8) + 1;
  const hex = BigInt.asUintN(length * 8, digits)
    .toString(16)
    .padStart(length * 2, "0");
  return withView(4 + length, (view) => {
    view.setUint32(0, scale);
    for (let at = 0; at < length; at += 1) {
      view.setUint8(4 + at, Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
    }
  });
}

export const boolByte = (value: boolean): Uint8Array => Uint8Array.of(value ? 1 : 0);

export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

const BYTES = {
  int: (value) => int64Bytes(value as bigint),
  float: (value) => floatBits(value as number),
  decimal2: (value) => decimalBytes(value as Decimal),
  string: (value) => utf8Bytes(value as string),
  bool: (value) => boolByte(value as boolean),
  datetime: (value) => instantBytes(value as DateTime),
} as const satisfies Readonly<Record<FieldType, (value: Value) => Uint8Array>>;

/**
 * The canonical encoding that hashes and fingerprints are taken over: equal values of a type, and only those, have
 * equal bytes, whatever their representation (1.10 and 1.1, both zeros, every NaN, an instant in two zones).
 * Not self-delimiting: write a length before it where several follow each other.
 */
export const canonicalBytes = (type: FieldType, value: Value): Uint8Array => BYTES[type](value);
