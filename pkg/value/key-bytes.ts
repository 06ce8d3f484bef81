import { trimDecimal } from "./decimal.ts";
import type { FieldType } from "./field-type.ts";
import { boolByte, floatBits, instantBytes, int64Bytes, utf8Bytes } from "./value-bytes.ts";
import type { DateTime, Decimal, Value } from "./value.ts";

const SIGN = 0x80;

const complement = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => 255 - byte);

/** Two's complement in unsigned order. */
function flipSign(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] as number) ^ SIGN;
  return bytes;
}

/** NaN has the bits of a positive number beyond infinity and so comes last. */
function floatKey(value: number): Uint8Array {
  const bytes = floatBits(value);
  return (bytes[0] as number) >= SIGN ? complement(bytes) : flipSign(bytes);
}

const ESCAPE = 0;
const AFTER_ESCAPE = 255;

/** Zero bytes are escaped and two zero bytes end the text, so that what follows in a composite key cannot mix in. */
function stringKey(text: string): Uint8Array {
  const bytes = utf8Bytes(text);
  const zeros = bytes.reduce((count, byte) => count + (byte === ESCAPE ? 1 : 0), 0);
  const key = new Uint8Array(bytes.length + zeros + 2);
  let at = 0;
  for (const byte of bytes) {
    key[at++] = byte;
    if (byte === ESCAPE) key[at++] = AFTER_ESCAPE;
  }
  return key;
}

const NEGATIVE = 0;
const ZERO = 1;
const POSITIVE = 2;
/** Keeps the exponent of the first digit positive. */
const EXPONENT_BIAS = 2 ** 31;

/** Sign, exponent of the first digit, the digits (1-10) and an end mark (0); complemented when negative. */
function decimalKey(value: Decimal): Uint8Array {
  const { digits, scale } = trimDecimal(value);
  if (digits === 0n) return Uint8Array.of(ZERO);
  const text = (digits < 0n ? -digits : digits).toString();
  const used = text.replace(/0+$/, "");
  const magnitude = new Uint8Array(4 + used.length + 1);
  new DataView(magnitude.buffer).setUint32(0, text.length - scale + EXPONENT_BIAS);
  for (let at = 0; at < used.length; at += 1) magnitude[4 + at] = used.charCodeAt(at) - 47;
  return digits < 0n
    ? Uint8Array.of(NEGATIVE, ...complement(magnitude))
    : Uint8Array.of(POSITIVE, ...magnitude);
}

const KEYS = {
  int: (value) => flipSign(int64Bytes(value as bigint)),
  float: (value) => floatKey(value as number),
  decimal2: (value) => decimalKey(value as Decimal),
  string: (value) => stringKey(value as string),
  bool: (value) => boolByte(value as boolean),
  datetime: (value) => flipSign(instantBytes(value as DateTime)),
} as const satisfies Readonly<Record<FieldType, (value: Value) => Uint8Array>>;

/**
 * Bytes in the order of `compareValues` (reversed if `descending`). No key is the beginning of another one of its
 * type, so the keys of a composite are simply written one after the other.
 */
export function keyBytes(type: FieldType, value: Value, descending: boolean): Uint8Array {
  const bytes = KEYS[type](value);
  return descending ? complement(bytes) : bytes;
}
