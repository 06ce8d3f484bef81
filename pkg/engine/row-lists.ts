/** Lists of row positions, made by loops: `from`, `map` and `filter` of typed arrays cost ten times as much. */

export function rowsFrom(first: number, count: number): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(count);
  for (let at = 0; at < count; at += 1) rows[at] = first + at;
  return rows;
}

/** Rows whose flag is `value` (or, with `equal` false, is not), ascending. */
export function rowsWhere(flags: Uint8Array, value: number, equal: boolean): Int32Array {
  const rows = new Int32Array(flags.length);
  let count = 0;
  for (let row = 0; row < flags.length; row += 1)
    if ((flags[row] === value) === equal) rows[count++] = row;
  return rows.subarray(0, count);
}

/** rows[positions[0]], rows[positions[1]], … */
export function rowsAt(rows: Int32Array, positions: Int32Array): Int32Array {
  const found = new Int32Array(positions.length);
  for (let at = 0; at < found.length; at += 1) found[at] = rows[positions[at] as number] as number;
  return found;
}
