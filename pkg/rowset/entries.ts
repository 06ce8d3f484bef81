import { pageBytes } from "./page-bytes.ts";
import type { Entries } from "./texts.ts";

const SHORT = 24;

/** Copies one entry to target[at]; returns where it ends. */
function copyEntry(from: Entries, entry: number, target: Uint8Array, at: number): number {
  const start = from.offsets[entry] as number;
  const end = from.offsets[entry + 1] as number;
  if (end - start > SHORT) {
    target.set(from.bytes.subarray(start, end), at);
    return at + end - start;
  }
  let next = at;
  for (let byte = start; byte < end; byte++) target[next++] = from.bytes[byte] as number;
  return next;
}

/** Offsets of the entries at the positions, one behind the other. */
export function offsetsOf(from: Entries, positions: Int32Array): Int32Array<ArrayBuffer> {
  const offsets = new Int32Array(positions.length + 1);
  let size = 0;
  for (let row = 0; row < positions.length; row++) {
    const entry = positions[row] as number;
    size += (from.offsets[entry + 1] as number) - (from.offsets[entry] as number);
    offsets[row + 1] = size;
  }
  return offsets;
}

/** Copies the entries at the positions to target[at]; neighbours that stay neighbours are copied together. */
export function copyEntries(
  from: Entries,
  positions: Int32Array,
  target: Uint8Array,
  at: number,
): void {
  let next = at;
  for (let row = 0; row < positions.length;) {
    const first = positions[row] as number;
    let run = 1;
    while (row + run < positions.length && positions[row + run] === first + run) run++;
    if (run === 1) next = copyEntry(from, first, target, next);
    else {
      const texts = from.bytes.subarray(from.offsets[first], from.offsets[first + run]);
      target.set(texts, next);
      next += texts.length;
    }
    row += run;
  }
}

export function gatherEntries(from: Entries, positions: Int32Array): Entries {
  const offsets = offsetsOf(from, positions);
  const bytes = pageBytes(offsets[positions.length] as number);
  copyEntries(from, positions, bytes, 0);
  return { offsets, bytes };
}

/** Entries without bytes before the first or after the last one. */
export function rebase(entries: Entries): Entries {
  const count = entries.offsets.length - 1;
  const first = entries.offsets[0] as number;
  const last = entries.offsets[count] as number;
  if (first === 0) return { offsets: entries.offsets, bytes: entries.bytes.subarray(0, last) };
  const offsets = new Int32Array(count + 1);
  for (let entry = 0; entry <= count; entry++)
    offsets[entry] = (entries.offsets[entry] as number) - first;
  return { offsets, bytes: entries.bytes.subarray(first, last) };
}
