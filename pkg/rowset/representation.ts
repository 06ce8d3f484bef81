import type { Integers } from "./column.ts";

/** How a column is laid out in a chunk; the position in this list is the stored code, so it only ever grows at the end. */
export const REPRESENTATIONS = [
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "days",
  "seconds",
  "bytes",
  "plain",
  "dictionary8",
  "dictionary16",
  "dictionary32",
] as const;

export type Representation = (typeof REPRESENTATIONS)[number];

export type Part =
  Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;

export interface StoredNumbers {
  readonly representation: Representation;
  readonly part: Part;
}

const MAX_INT8 = 0x7f;
const MAX_INT16 = 0x7fff;
const MS_PER_DAY = 86_400_000;
const MS_PER_SECOND = 1000;

/** Whole multiples of the unit that fit into 32 bits, or undefined at the first value that is none. */
function int32Of(values: Float64Array, unit: number): Int32Array | undefined {
  const words = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const quotient = (values[row] as number) / unit;
    const word = quotient | 0;
    if (word !== quotient) return undefined;
    words[row] = word;
  }
  return words;
}

/** Bits that some value needs beside its sign. */
function magnitude(words: Int32Array): number {
  let bits = 0;
  for (let row = 0; row < words.length; row++) {
    const word = words[row] as number;
    bits |= word ^ (word >> 31);
  }
  return bits;
}

function narrowed(words: Int32Array): StoredNumbers {
  const bits = magnitude(words);
  if (bits <= MAX_INT8) return { representation: "int8", part: new Int8Array(words) };
  if (bits <= MAX_INT16) return { representation: "int16", part: new Int16Array(words) };
  return { representation: "int32", part: words };
}

const SAFE_HIGH = 2 ** 21;
const HIGH_UNIT = 2 ** 32;

/** Doubles when every value is a safe integer. */
export function safeDoubles(values: BigInt64Array): Float64Array | undefined {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const doubles = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const high = words[row * 2 + 1] as number;
    const value = high * HIGH_UNIT + ((words[row * 2] as number) >>> 0);
    if (high < -SAFE_HIGH || high >= SAFE_HIGH || value === -(2 ** 53)) return undefined;
    doubles[row] = value;
  }
  return doubles;
}

/** The smallest form that a cheap look finds. */
export function storeIntegers(values: Integers): StoredNumbers {
  const doubles = values instanceof Float64Array ? values : safeDoubles(values);
  if (doubles === undefined) return { representation: "int64", part: values };
  const words = int32Of(doubles, 1);
  return words === undefined ? { representation: "float64", part: doubles } : narrowed(words);
}

export function storeTimes(values: Float64Array): StoredNumbers {
  const days = int32Of(values, MS_PER_DAY);
  if (days !== undefined) return { representation: "days", part: days };
  const seconds = int32Of(values, MS_PER_SECOND);
  if (seconds !== undefined) return { representation: "seconds", part: seconds };
  return { representation: "float64", part: values };
}

/** Doubles from a stored part; float64 parts are returned as they are. */
export function loadDoubles(representation: Representation, part: Part): Float64Array {
  if (part instanceof Float64Array) return part;
  const words = part as Int32Array;
  if (representation === "days") return scaled(words, MS_PER_DAY);
  if (representation === "seconds") return scaled(words, MS_PER_SECOND);
  return new Float64Array(words);
}

function scaled(words: Int32Array, unit: number): Float64Array {
  const values = new Float64Array(words.length);
  for (let row = 0; row < words.length; row++) values[row] = (words[row] as number) * unit;
  return values;
}
