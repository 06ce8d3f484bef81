import type { Column, Rowset } from "#pkg/rowset";

/** Hidden column that carries visible row positions through shuffle and join. */
export const NUMBER_COLUMN = "#row";

export function withNumbers(rowset: Rowset, numberOf: (row: number) => number): Rowset {
  const values = new Float64Array(rowset.rows);
  for (let row = 0; row < rowset.rows; row += 1) values[row] = numberOf(row);
  return {
    rows: rowset.rows,
    columns: new Map<string, Column>([...rowset.columns, [NUMBER_COLUMN, { type: "int", values }]]),
  };
}

export function numbersOf(rowset: Rowset): Float64Array {
  const column = rowset.columns.get(NUMBER_COLUMN);
  if (column?.type !== "int") return new Float64Array(rowset.rows);
  return column.values instanceof Float64Array
    ? column.values
    : Float64Array.from(column.values, Number);
}

/** The rows as the table has them. */
export const withoutNumbers = (rowset: Rowset): Rowset => ({
  rows: rowset.rows,
  columns: new Map([...rowset.columns].filter(([name]) => name !== NUMBER_COLUMN)),
});
