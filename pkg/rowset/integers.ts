import type { Integers } from "./column.ts";

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Doubles while every value is a safe integer, else BigInt64Array. */
export function integersFrom(values: readonly bigint[]): Integers {
  const safe = values.every((value) => value >= -MAX_SAFE && value <= MAX_SAFE);
  return safe ? Float64Array.from(values, Number) : BigInt64Array.from(values);
}

export const integerAt = (values: Integers, row: number): bigint =>
  BigInt(values[row] as number | bigint);

const toBigInts = (values: Integers): BigInt64Array =>
  values instanceof BigInt64Array ? values : BigInt64Array.from(values, BigInt);

/** One array after the other; BigInt64Array as soon as one part is. */
export function concatIntegers(parts: readonly Integers[]): Integers {
  const rows = parts.reduce((sum, part) => sum + part.length, 0);
  const doubles = parts.filter((part) => part instanceof Float64Array);
  return doubles.length === parts.length
    ? fill(new Float64Array(rows), doubles)
    : fillBig(rows, parts);
}

function fill(target: Float64Array, parts: readonly Float64Array[]): Float64Array {
  let row = 0;
  for (const part of parts) {
    target.set(part, row);
    row += part.length;
  }
  return target;
}

function fillBig(rows: number, parts: readonly Integers[]): BigInt64Array {
  const target = new BigInt64Array(rows);
  let row = 0;
  for (const part of parts) {
    target.set(toBigInts(part), row);
    row += part.length;
  }
  return target;
}

/** Rows at the positions, in the same representation. */
export function gatherIntegers(values: Integers, positions: Int32Array): Integers {
  if (values instanceof Float64Array) return gatherDoubles(values, positions);
  const result = new BigInt64Array(positions.length);
  for (let row = 0; row < positions.length; row++)
    result[row] = values[positions[row] as number] as bigint;
  return result;
}

export function gatherDoubles(values: Float64Array, positions: Int32Array): Float64Array {
  const result = new Float64Array(positions.length);
  for (let row = 0; row < positions.length; row++)
    result[row] = values[positions[row] as number] as number;
  return result;
}
