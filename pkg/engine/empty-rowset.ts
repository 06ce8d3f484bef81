import { columnFrom, type Rowset } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";

/** No rows, but the columns that expressions expect. */
export function emptyRowset(
  columns: readonly string[],
  typeOf: (name: string) => FieldType | undefined,
): Rowset {
  return {
    rows: 0,
    columns: new Map(columns.map((name) => [name, columnFrom(typeOf(name) ?? "string", [])])),
  };
}
