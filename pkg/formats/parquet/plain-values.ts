import type { Column, Integers } from "#pkg/rowset";
import { DEFAULT_DATETIME_MS } from "#pkg/value";

export interface PlainValues {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** 1 where a row is written as a value; the default of datetime is an empty cell (spec/script.md 11.3). */
export function presentRows(column: Column, rows: number): Uint8Array {
  const present = new Uint8Array(rows).fill(1);
  if (column.type !== "datetime") return present;
  const { values } = column;
  for (let row = 0; row < rows; row++) if (values[row] === DEFAULT_DATETIME_MS) present[row] = 0;
  return present;
}

/** The values of rows `from` up to `to` one after the other, without those that are empty. */
export function plainValues(column: Column, from: number, to: number): PlainValues {
  switch (column.type) {
    case "float":
      return { bytes: bytesOf(column.values.slice(from, to)), count: to - from };
    case "bool":
      return { bytes: packedBits(column.values, from, to), count: to - from };
    case "string":
      return { bytes: prefixedTexts(column.offsets, column.bytes, from, to), count: to - from };
    case "datetime": {
      const values = column.values.subarray(from, to).filter((ms) => ms !== DEFAULT_DATETIME_MS);
      return { bytes: bytesOf(int64s(values)), count: values.length };
    }
    default:
      return { bytes: bytesOf(int64s(column.values.subarray(from, to))), count: to - from };
  }
}

const HIGH = 2 ** 32;

function int64s(values: Integers): BigInt64Array {
  if (values instanceof BigInt64Array) return values.slice();
  const words = new Int32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const high = Math.floor(value / HIGH);
    words[i * 2] = value - high * HIGH;
    words[i * 2 + 1] = high;
  }
  return new BigInt64Array(words.buffer);
}

function packedBits(values: Uint8Array, from: number, to: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil((to - from) / 8));
  for (let row = from; row < to; row++) {
    const at = row - from;
    bits[at >> 3] = (bits[at >> 3] as number) | ((values[row] as number) << (at & 7));
  }
  return bits;
}

function prefixedTexts(
  offsets: Int32Array,
  bytes: Uint8Array,
  from: number,
  to: number,
): Uint8Array {
  const size = (offsets[to] as number) - (offsets[from] as number);
  const target = new Uint8Array(size + 4 * (to - from));
  let at = 0;
  for (let entry = from; entry < to; entry++) {
    const start = offsets[entry] as number;
    const end = offsets[entry + 1] as number;
    const length = end - start;
    target[at++] = length & 0xff;
    target[at++] = (length >>> 8) & 0xff;
    target[at++] = (length >>> 16) & 0xff;
    target[at++] = length >>> 24;
    if (length > 24) target.set(bytes.subarray(start, end), at);
    else for (let i = 0; i < length; i++) target[at + i] = bytes[start + i] as number;
    at += length;
  }
  return target;
}
