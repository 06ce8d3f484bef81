import type { StringColumn } from "#pkg/rowset";
import { ByteDictionary, hashBytes } from "../byte-dictionary.ts";

export interface TextDictionary {
  readonly codes: Int32Array;
  /** Bits of a code. */
  readonly width: number;
  readonly count: number;
  /** The distinct texts in order of first appearance. */
  readonly entries: StringColumn;
}

const MAX_DICTIONARY_BYTES = 1024 * 1024;

/**
 * Distinct texts of a column, undefined when they are more than half of the rows or too long. Depends on the texts alone, not on how
 * the column holds them, so that files are the same whatever the blocks were.
 */
export function dictionaryOf(column: StringColumn, rows: number): TextDictionary | undefined {
  const dictionary = new ByteDictionary();
  const { codes, offsets, bytes } = column;
  const known = codes === undefined ? undefined : new Int32Array(offsets.length - 1).fill(-1);
  const result = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const entry = codes === undefined ? row : (codes[row] as number);
    let code = known === undefined ? -1 : (known[entry] as number);
    if (code < 0) {
      const from = offsets[entry] as number;
      const to = offsets[entry + 1] as number;
      code = dictionary.put(bytes, from, to, hashBytes(bytes, from, to));
      if (known !== undefined) known[entry] = code;
      if (dictionary.size * 2 > rows || tooLong(dictionary)) return undefined;
    }
    result[row] = code;
  }
  const count = dictionary.size;
  const entries: StringColumn = {
    type: "string",
    codes: undefined,
    offsets: dictionary.offsets.slice(0, count + 1),
    bytes: dictionary.bytes.slice(0, dictionary.offsets[count]),
  };
  return { codes: result, width: 32 - Math.clz32(Math.max(0, count - 1)), count, entries };
}

const tooLong = ({ offsets, size }: ByteDictionary): boolean =>
  (offsets[size] as number) > MAX_DICTIONARY_BYTES;
