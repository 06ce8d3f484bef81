import { floatHigh, floatLow, highWord, lowWord, wordsOf } from "./canonical.ts";
import type { Column, Integers, StringColumn } from "./column.ts";
import type { Entries } from "./texts.ts";
import { finishHash, hashBytes, mixWord } from "./hash-bytes.ts";

const SEED = 0x6a09e667;

/** Second part: the running hashes of the rows, changed in place. */
type Mixer = (hashes: Int32Array) => void;

function mixDoubles(values: Float64Array, hashes: Int32Array): void {
  for (let row = 0; row < hashes.length; row++) {
    const value = values[row] as number;
    hashes[row] = mixWord(mixWord(hashes[row] as number, lowWord(value)), highWord(value));
  }
}

function mixBigInts(values: BigInt64Array, hashes: Int32Array): void {
  const words = wordsOf(values);
  for (let row = 0; row < hashes.length; row++) {
    hashes[row] = mixWord(
      mixWord(hashes[row] as number, words[row * 2] as number),
      words[row * 2 + 1] as number,
    );
  }
}

const mixIntegers = (values: Integers, hashes: Int32Array): void =>
  values instanceof Float64Array ? mixDoubles(values, hashes) : mixBigInts(values, hashes);

function mixFloats(values: Float64Array, hashes: Int32Array): void {
  const words = wordsOf(values);
  for (let row = 0; row < hashes.length; row++) {
    const low = words[row * 2] as number;
    const high = words[row * 2 + 1] as number;
    hashes[row] = mixWord(
      mixWord(hashes[row] as number, floatLow(low, high)),
      floatHigh(low, high),
    );
  }
}

function mixBools(values: Uint8Array, hashes: Int32Array): void {
  for (let row = 0; row < hashes.length; row++)
    hashes[row] = mixWord(hashes[row] as number, values[row] as number);
}

function entryHashes({ offsets, bytes }: Entries): Int32Array {
  const hashes = new Int32Array(offsets.length - 1);
  for (let entry = 0; entry < hashes.length; entry++) {
    hashes[entry] = hashBytes(bytes, offsets[entry] as number, offsets[entry + 1] as number);
  }
  return hashes;
}

function mixStrings({ codes, offsets, bytes }: StringColumn, hashes: Int32Array): void {
  if (codes === undefined || codes.length < offsets.length - 1) {
    for (let row = 0; row < hashes.length; row++) {
      const entry = codes === undefined ? row : (codes[row] as number);
      const hash = hashBytes(bytes, offsets[entry] as number, offsets[entry + 1] as number);
      hashes[row] = mixWord(hashes[row] as number, hash);
    }
    return;
  }
  const known = entryHashes({ offsets, bytes });
  for (let row = 0; row < hashes.length; row++) {
    hashes[row] = mixWord(hashes[row] as number, known[codes[row] as number] as number);
  }
}

function mixerOf(column: Column): Mixer {
  switch (column.type) {
    case "string":
      return (hashes) => mixStrings(column, hashes);
    case "bool":
      return (hashes) => mixBools(column.values, hashes);
    case "float":
      return (hashes) => mixFloats(column.values, hashes);
    default:
      return (hashes) => mixIntegers(column.values, hashes);
  }
}

/**
 * One 32-bit hash a row over all columns. Fixed and unseeded: equal keys hash equal in every process and for ever, whatever
 * form holds them. All bits are good, so partitions may take high ones and hash tables low ones.
 */
export function hashKeys(columns: readonly Column[], rows: number): Uint32Array {
  const hashes = new Int32Array(rows).fill(SEED);
  for (const column of columns) mixerOf(column)(hashes);
  for (let row = 0; row < rows; row++) hashes[row] = finishHash(hashes[row] as number);
  return new Uint32Array(hashes.buffer);
}
