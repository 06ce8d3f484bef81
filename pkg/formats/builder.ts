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

/** Rare values that the typed array of a column cannot hold, in row order. */
export class Exceptions<T> {
  readonly rows: number[] = [];
  readonly values: T[] = [];

  clear(): void {
    this.rows.length = 0;
    this.values.length = 0;
  }

  set(row: number, value: T): void {
    this.drop(row);
    this.rows.push(row);
    this.values.push(value);
  }

  /** Forgets what was stored for this and later rows: a row that was begun again or cut off by the end of a block. */
  drop(row: number): void {
    while (this.rows.length > 0 && (this.rows.at(-1) as number) >= row) {
      this.rows.pop();
      this.values.pop();
    }
  }
}

/** The first `rows` values, without keeping much unused memory alive. */
export const trimmed = <
  A extends Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
>(
  array: A,
  rows: number,
): A => (rows * 8 < array.length * 7 ? array.slice(0, rows) : array.subarray(0, rows)) as A;
