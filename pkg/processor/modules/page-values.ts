import { valueAt, type Column } from "#pkg/rowset";
import { decimalToText, type Decimal } from "#pkg/value";
import type { CellValue } from "../module-api.ts";

/** A column as a module sees it. */
export function pageValues(column: Column, rows: number): readonly CellValue[] {
  switch (column.type) {
    case "datetime":
    case "float":
      return Array.from(column.values);
    case "decimal2":
      return Array.from({ length: rows }, (_, row) =>
        decimalToText(valueAt(column, row) as Decimal),
      );
    default:
      return Array.from({ length: rows }, (_, row) => valueAt(column, row) as CellValue);
  }
}
