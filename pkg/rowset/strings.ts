import type { StringColumn } from "./column.ts";
import { Dictionary } from "./dictionary.ts";
import { gatherEntries } from "./entries.ts";
import { pageBytes } from "./page-bytes.ts";
import { stringColumn } from "./string-column.ts";
import type { Entries } from "./texts.ts";

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
  const bytes = pageBytes(size);
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
