export interface Distinct {
  /** Number of the distinct value of each row. */
  readonly codes: Int32Array;
  /** The row where each distinct value occurs first. */
  readonly firstRows: readonly number[];
}

/** Rows looked at before too many distinct values end the search. */
const SAMPLE = 1024;

/**
 * Numbers the distinct values of a column (bit by bit: -0 is not 0); undefined when there are so many that working on
 * distinct values would not pay.
 */
export function distinctDoubles(values: Float64Array, rows: number): Distinct | undefined {
  const words = new Int32Array(values.buffer, values.byteOffset, rows * 2);
  const codes = new Int32Array(rows);
  const firstRows: number[] = [];
  let table = new Int32Array(256);
  for (let row = 0; row < rows; row += 1) {
    const low = words[row * 2] as number;
    const high = words[row * 2 + 1] as number;
    let slot = hashOf(low, high) & (table.length - 1);
    let code = (table[slot] as number) - 1;
    while (code >= 0) {
      const first = (firstRows[code] as number) * 2;
      if (words[first] === low && words[first + 1] === high) break;
      slot = (slot + 1) & (table.length - 1);
      code = (table[slot] as number) - 1;
    }
    if (code < 0) {
      code = firstRows.length;
      firstRows.push(row);
      if (row >= SAMPLE && code * 2 > row) return undefined;
      table[slot] = code + 1;
      if (firstRows.length * 2 > table.length) table = grown(table.length * 4, words, firstRows);
    }
    codes[row] = code;
  }
  return { codes, firstRows };
}

function hashOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function grown(
  size: number,
  words: Int32Array,
  firstRows: readonly number[],
): Int32Array<ArrayBuffer> {
  const table = new Int32Array(size);
  for (const [code, row] of firstRows.entries()) {
    let slot = hashOf(words[row * 2] as number, words[row * 2 + 1] as number) & (size - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1);
    table[slot] = code + 1;
  }
  return table;
}
