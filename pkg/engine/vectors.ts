import { concatColumns, constantColumn, valueAt, type Column, type Vector } from "#pkg/rowset";
import type { DateTime, Decimal, FieldType, Value } from "#pkg/value";

const isColumn = (vector: Vector): vector is Column => !("exact" in vector);

const length = (vector: Vector): number => {
  if ("exact" in vector) return vector.exact.length;
  if (vector.type !== "string") return vector.values.length;
  return vector.codes?.length ?? vector.offsets.length - 1;
};

function exactValues<Exact>(parts: readonly Vector[]): Exact[] {
  const values: Exact[] = [];
  for (const part of parts) {
    const rows = length(part);
    for (let row = 0; row < rows; row += 1) values.push(valueAt(part, row) as Exact);
  }
  return values;
}

/** Vectors of one type one after the other; exact when one of them is. */
export function concatVectors(type: FieldType, parts: readonly Vector[]): Vector {
  if (parts.every(isColumn)) return concatColumns(type, parts);
  return type === "datetime"
    ? { type, exact: exactValues<DateTime>(parts) }
    : { type: "decimal2", exact: exactValues<Decimal>(parts) };
}

/** The same value in every row. */
export const constantVector = (type: FieldType, value: Value, rows: number): Vector =>
  constantColumn(type, value, rows);
