import type { DateTime, Decimal, FieldType, Value } from "#pkg/value";
import type { BoolColumn, Column, DecimalColumn, IntColumn, StringColumn } from "./column.ts";
import { concatIntegers, gatherDoubles, gatherIntegers } from "./integers.ts";
import { concatStrings, gatherStrings, sliceStrings } from "./strings.ts";
import { valueAt, vectorRows } from "./values.ts";
import { isExact, type Vector } from "./vector.ts";

/** Rows from `from` up to `to`; shares memory with the column. */
export function sliceColumn(column: Column, from: number, to: number): Column {
  switch (column.type) {
    case "string":
      return sliceStrings(column, from, to);
    case "bool":
      return { type: column.type, values: column.values.subarray(from, to) };
    case "float":
    case "datetime":
      return { type: column.type, values: column.values.subarray(from, to) };
    default:
      return { type: column.type, values: column.values.subarray(from, to) };
  }
}

/** Rows from `from` up to `to`; shares memory with the vector where it can. */
export function sliceVector(vector: Vector, from: number, to: number): Vector {
  if (!isExact(vector)) return sliceColumn(vector, from, to);
  return vector.type === "decimal2"
    ? { type: vector.type, exact: vector.exact.slice(from, to) }
    : { type: vector.type, exact: vector.exact.slice(from, to) };
}

/** One vector after the other; all have the type. Exact as soon as one part is. */
export function concatVectors(type: FieldType, vectors: readonly Vector[]): Vector {
  if (!vectors.some(isExact)) return concatColumns(type, vectors as readonly Column[]);
  const exact: Value[] = [];
  for (const vector of vectors)
    for (let row = 0; row < vectorRows(vector); row++) exact.push(valueAt(vector, row));
  return type === "decimal2"
    ? { type, exact: exact as Decimal[] }
    : { type: "datetime", exact: exact as DateTime[] };
}

/** The rows at the positions, in that order. Dictionaries are shared, not copied. */
export function gatherColumn(column: Column, positions: Int32Array): Column {
  switch (column.type) {
    case "string":
      return gatherStrings(column, positions);
    case "bool":
      return { type: column.type, values: gatherBytes(column.values, positions) };
    case "float":
    case "datetime":
      return { type: column.type, values: gatherDoubles(column.values, positions) };
    default:
      return { type: column.type, values: gatherIntegers(column.values, positions) };
  }
}

function gatherBytes(values: Uint8Array, positions: Int32Array): Uint8Array {
  const result = new Uint8Array(positions.length);
  for (let row = 0; row < positions.length; row++)
    result[row] = values[positions[row] as number] as number;
  return result;
}

export function gatherVector(vector: Vector, positions: Int32Array): Vector {
  if (!isExact(vector)) return gatherColumn(vector, positions);
  return vector.type === "decimal2"
    ? { type: vector.type, exact: pick(vector.exact, positions) }
    : { type: vector.type, exact: pick(vector.exact, positions) };
}

function pick<T>(values: readonly T[], positions: Int32Array): T[] {
  const result: T[] = [];
  for (const position of positions) result.push(values[position] as T);
  return result;
}

/** One column after the other; all have the type. No columns: no rows. */
export function concatColumns(type: FieldType, columns: readonly Column[]): Column {
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only;
  switch (type) {
    case "string":
      return concatStrings(columns as readonly StringColumn[]);
    case "bool":
      return { type, values: concatBytes(columns as readonly BoolColumn[]) };
    case "float":
    case "datetime":
      return {
        type,
        values: concatDoubles(columns as readonly { readonly values: Float64Array }[]),
      };
    default:
      return {
        type,
        values: concatIntegers(
          (columns as readonly (IntColumn | DecimalColumn)[]).map((column) => column.values),
        ),
      };
  }
}

const concatDoubles = (columns: readonly { readonly values: Float64Array }[]): Float64Array =>
  concatIntegers(columns.map((column) => column.values)) as Float64Array;

function concatBytes(columns: readonly BoolColumn[]): Uint8Array {
  const result = new Uint8Array(columns.reduce((sum, column) => sum + column.values.length, 0));
  let row = 0;
  for (const { values } of columns) {
    result.set(values, row);
    row += values.length;
  }
  return result;
}
