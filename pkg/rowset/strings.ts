import type { StringColumn } from "./column.ts";
import { Dictionary } from "./dictionary.ts";
import { stringColumn } from "./string-column.ts";
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

/** Entries at the positions; neighbours that stay neighbours are copied together. */
function gatherEntries(from: Entries, positions: Int32Array): Entries {
  const count = positions.length;
  const offsets = new Int32Array(count + 1);
  let size = 0;
  for (let row = 0; row < count; row++) {
    const entry = positions[row] as number;
    size += (from.offsets[entry + 1] as number) - (from.offsets[entry] as number);
    offsets[row + 1] = size;
  }
  const bytes = new Uint8Array(size);
  for (let row = 0; row < count;) {
    const first = positions[row] as number;
    let run = 1;
    while (row + run < count && positions[row + run] === first + run) run++;
    if (run === 1) copyEntry(from, first, bytes, offsets[row] as number);
    else
      bytes.set(from.bytes.subarray(from.offsets[first], from.offsets[first + run]), offsets[row]);
    row += run;
  }
  return { offsets, bytes };
}

/** Entries without bytes before the first or after the last one. */
function rebase(entries: Entries): Entries {
  const count = entries.offsets.length - 1;
  const first = entries.offsets[0] as number;
  const last = entries.offsets[count] as number;
  if (first === 0) return { offsets: entries.offsets, bytes: entries.bytes.subarray(0, last) };
  const offsets = new Int32Array(count + 1);
  for (let entry = 0; entry <= count; entry++)
    offsets[entry] = (entries.offsets[entry] as number) - first;
  return { offsets, bytes: entries.bytes.subarray(first, last) };
}

/** New code + 1 by old code, all zero between calls; kept because most columns are small slices of large dictionaries. */
let scratch = new Int32Array(1024);

interface Use {
  /** Old code of each used entry, in order of first use. */
  readonly used: Int32Array;
  /** New codes of the rows. */
  readonly codes: Int32Array;
}

function entriesInUse(codes: Int32Array, entryCount: number): Use {
  if (scratch.length < entryCount) scratch = new Int32Array(entryCount * 2);
  const seen = scratch;
  const used = new Int32Array(Math.min(codes.length, entryCount));
  const fresh = new Int32Array(codes.length);
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (seen[code] === 0) {
      used[count] = code;
      seen[code] = ++count;
    }
    fresh[row] = (seen[code] as number) - 1;
  }
  for (let entry = 0; entry < count; entry++) seen[used[entry] as number] = 0;
  return { used: used.subarray(0, count), codes: fresh };
}

function bytesOf({ offsets }: Entries, positions: Int32Array): number {
  let size = 0;
  for (let at = 0; at < positions.length; at++) {
    const entry = positions[at] as number;
    size += (offsets[entry + 1] as number) - (offsets[entry] as number);
  }
  return size;
}

const WIDTHS = [
  { entries: 0x100, bytes: 1 },
  { entries: 0x10000, bytes: 2 },
] as const;

/** Bytes a stored code needs in a dictionary of so many entries. */
export const codeWidth = (entries: number): 1 | 2 | 4 =>
  WIDTHS.find((width) => entries <= width.entries)?.bytes ?? 4;

/**
 * The same rows without unused entries and without spare bytes: a dictionary or plain texts, whichever is stored smaller.
 * The result may share memory with the column.
 */
export function compactStrings(column: StringColumn): StringColumn {
  const { codes } = column;
  if (codes === undefined) return stringColumn(undefined, rebase(column));
  const use = entriesInUse(codes, column.offsets.length - 1);
  const count = use.used.length;
  const coded = codes.length * codeWidth(count) + count * 4 + bytesOf(column, use.used);
  const plain = codes.length * 4 + bytesOf(column, codes);
  return coded <= plain
    ? stringColumn(use.codes, gatherEntries(column, use.used))
    : stringColumn(undefined, gatherEntries(column, codes));
}

export function sliceStrings(column: StringColumn, from: number, to: number): StringColumn {
  const { codes, offsets, bytes } = column;
  return codes === undefined
    ? stringColumn(undefined, { offsets: offsets.subarray(from, to + 1), bytes })
    : stringColumn(codes.subarray(from, to), column);
}

export function gatherStrings(column: StringColumn, positions: Int32Array): StringColumn {
  const { codes } = column;
  if (codes === undefined) return stringColumn(undefined, gatherEntries(column, positions));
  const gathered = new Int32Array(positions.length);
  for (let row = 0; row < gathered.length; row++)
    gathered[row] = codes[positions[row] as number] as number;
  return stringColumn(gathered, column);
}

const rowsOf = (column: StringColumn): number => column.codes?.length ?? column.offsets.length - 1;

const plainForm = (column: StringColumn): Entries =>
  column.codes === undefined ? column : gatherEntries(column, column.codes);

/** One column after the other. Dictionaries are merged while at least half of the rows have one, else all become plain. */
export function concatStrings(parts: readonly StringColumn[]): StringColumn {
  const rows = parts.reduce((sum, part) => sum + rowsOf(part), 0);
  const coded = parts.reduce((sum, part) => sum + (part.codes?.length ?? 0), 0);
  return coded * 2 >= rows && coded > 0
    ? mergeDictionaries(parts, rows)
    : concatPlain(parts.map(plainForm));
}

function concatPlain(parts: readonly Entries[]): StringColumn {
  let count = 0;
  let size = 0;
  for (const { offsets } of parts) {
    count += offsets.length - 1;
    size += (offsets[offsets.length - 1] as number) - (offsets[0] as number);
  }
  const offsets = new Int32Array(count + 1);
  const bytes = new Uint8Array(size);
  let row = 0;
  let end = 0;
  for (const part of parts) {
    const entries = part.offsets.length - 1;
    const first = part.offsets[0] as number;
    const last = part.offsets[entries] as number;
    bytes.set(part.bytes.subarray(first, last), end);
    for (let entry = 1; entry <= entries; entry++)
      offsets[++row] = end + (part.offsets[entry] as number) - first;
    end += last - first;
  }
  return stringColumn(undefined, { offsets, bytes });
}

const sameEntries = (a: Entries, b: Entries): boolean =>
  a.offsets === b.offsets && a.bytes === b.bytes;

function mergeDictionaries(parts: readonly StringColumn[], rows: number): StringColumn {
  const codes = new Int32Array(rows);
  const [first] = parts as readonly [StringColumn];
  if (parts.every((part) => part.codes !== undefined && sameEntries(part, first))) {
    let row = 0;
    for (const part of parts) {
      codes.set(part.codes as Int32Array, row);
      row += rowsOf(part);
    }
    return stringColumn(codes, first);
  }
  const dictionary = new Dictionary();
  let row = 0;
  let last = first;
  let map = codesIn(dictionary, first);
  for (const part of parts) {
    if (!sameEntries(last, part)) map = codesIn(dictionary, part);
    last = part;
    row = translate(part, map, codes, row);
  }
  return stringColumn(codes, dictionary.entries());
}

/** The code in the dictionary for each entry. */
function codesIn(dictionary: Dictionary, { offsets, bytes }: Entries): Int32Array<ArrayBuffer> {
  const map = new Int32Array(offsets.length - 1);
  for (let entry = 0; entry < map.length; entry++) {
    map[entry] = dictionary.add(bytes, offsets[entry] as number, offsets[entry + 1] as number);
  }
  return map;
}

function translate(part: StringColumn, map: Int32Array, codes: Int32Array, from: number): number {
  if (part.codes === undefined) {
    codes.set(map, from);
    return from + map.length;
  }
  let row = from;
  const own = part.codes;
  for (let at = 0; at < own.length; at++) codes[row++] = map[own[at] as number] as number;
  return row;
}
