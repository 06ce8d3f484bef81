import type { StringColumn } from "./column.ts";
import { copyEntries, offsetsOf, rebase } from "./entries.ts";
import { pageBytes } from "./page-bytes.ts";
import { stringColumn } from "./string-column.ts";
import type { Entries } from "./texts.ts";

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

/** What is stored of a string column; the bytes of its entries are still where the column has them. */
export interface CompactTexts {
  /** Absent of plain texts. */
  readonly codes: Int32Array | undefined;
  readonly offsets: Int32Array;
  /** Of all entries. */
  readonly byteLength: number;
  readonly copyTo: (target: Uint8Array, at: number) => void;
}

/** The same rows without unused entries and spare bytes: a dictionary or plain texts, whichever is smaller. */
export function compactTexts(column: StringColumn): CompactTexts {
  const { codes } = column;
  if (codes === undefined) {
    const { offsets, bytes } = rebase(column);
    return {
      codes,
      offsets,
      byteLength: bytes.length,
      copyTo: (target, at) => target.set(bytes, at),
    };
  }
  const use = entriesInUse(codes, column.offsets.length - 1);
  const count = use.used.length;
  const coded = codes.length * codeWidth(count) + count * 4 + bytesOf(column, use.used);
  const plain = codes.length * 4 + bytesOf(column, codes);
  const positions = coded <= plain ? use.used : codes;
  const offsets = offsetsOf(column, positions);
  return {
    codes: coded <= plain ? use.codes : undefined,
    offsets,
    byteLength: offsets[positions.length] as number,
    copyTo: (target, at) => copyEntries(column, positions, target, at),
  };
}

/** `compactTexts` as a column of its own. */
export function compactStrings(column: StringColumn): StringColumn {
  const { codes, offsets, byteLength, copyTo } = compactTexts(column);
  const bytes = pageBytes(byteLength);
  copyTo(bytes, 0);
  return stringColumn(codes, { offsets, bytes });
}
