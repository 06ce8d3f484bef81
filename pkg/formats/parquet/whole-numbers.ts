import { safeDoubles } from "#pkg/rowset";
import type { Physical } from "./page-values.ts";
import type { Texts } from "./texts.ts";

/** Bytes of a whole number that a double surely holds. */
const SAFE_BYTES = 6;

/** The digits of decimals, whatever they are kept in: doubles while every one is a safe integer. */
export function wholeNumbers(physical: Physical): Float64Array | readonly bigint[] {
  if (physical instanceof Int32Array) return new Float64Array(physical);
  if (physical instanceof BigInt64Array) return safeDoubles(physical) ?? Array.from(physical);
  if (Array.isArray(physical))
    return fromBytes(physical.length, (entry) => physical[entry] as Uint8Array);
  const { offsets, bytes } = physical as Texts;
  return fromBytes(offsets.length - 1, (entry) =>
    bytes.subarray(offsets[entry], offsets[entry + 1]),
  );
}

function fromBytes(
  count: number,
  bytesOf: (entry: number) => Uint8Array,
): Float64Array | readonly bigint[] {
  const doubles = new Float64Array(count);
  for (let entry = 0; entry < count; entry++) {
    const value = shortNumber(bytesOf(entry));
    if (value === undefined)
      return Array.from({ length: count }, (_, at) => longNumber(bytesOf(at)));
    doubles[entry] = value;
  }
  return doubles;
}

/** Big-endian two's complement of at most six bytes behind the repeated sign; undefined for more. */
function shortNumber(bytes: Uint8Array): number | undefined {
  const negative = bytes.length > 0 && (bytes[0] as number) >= 0x80;
  const sign = negative ? 0xff : 0;
  let at = 0;
  while (at < bytes.length && bytes[at] === sign) at += 1;
  if (bytes.length - at > SAFE_BYTES) return undefined;
  let magnitude = 0;
  const width = bytes.length - at;
  for (; at < bytes.length; at++) magnitude = magnitude * 256 + (bytes[at] as number);
  return negative ? magnitude - 256 ** width : magnitude;
}

function longNumber(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return BigInt.asIntN(Math.max(bytes.length, 1) * 8, value);
}
