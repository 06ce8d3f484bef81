import type { Vector } from "#pkg/rowset";

/** Takes the cells of one column row by row, straight from bytes. */
export interface ColumnBuilder {
  /** Forgets the last block; room for `capacity` rows. */
  begin(capacity: number): void;
  /** Converts and stores one cell; a row may be stored again. Throws a Fault without place when the cell does not fit. */
  cell(source: Uint8Array, from: number, to: number, row: number): void;
  /** The first `rows` rows; the arrays belong to the caller afterwards. */
  finish(rows: number): Vector;
}

/**
 * Rare values that the typed array of a column cannot hold, in row order. The array holds NaN in their rows, so that a row which is
 * stored again without an exception has none, whoever stores it.
 */
export class Exceptions<T> {
  readonly rows: number[] = [];
  readonly values: T[] = [];

  clear(): void {
    this.rows.length = 0;
    this.values.length = 0;
  }

  set(row: number, value: T, array: Float64Array): void {
    while (this.rows.length > 0 && (this.rows.at(-1) as number) >= row) {
      this.rows.pop();
      this.values.pop();
    }
    this.rows.push(row);
    this.values.push(value);
    array[row] = Number.NaN;
  }

  /** Forgets those of rows that were stored again, or that are not among the first `rows` because the end of a block cut them off. */
  settle(rows: number, array: Float64Array): void {
    let kept = 0;
    for (const [i, row] of this.rows.entries()) {
      if (row >= rows || !Number.isNaN(array[row])) continue;
      this.rows[kept] = row;
      this.values[kept++] = this.values[i] as T;
    }
    this.rows.length = kept;
    this.values.length = kept;
  }
}

/** The first `rows` values, without keeping much unused memory alive. */
export const trimmed = <
  A extends Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
>(
  array: A,
  rows: number,
): A => (rows * 8 < array.length * 7 ? array.slice(0, rows) : array.subarray(0, rows)) as A;
