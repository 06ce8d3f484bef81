import { Fault } from "#pkg/fault";
import type { Column, Rowset } from "./column.ts";
import { concatColumns, gatherColumn, sliceColumn } from "./columns.ts";

const mapColumns = (
  { columns }: Rowset,
  change: (column: Column) => Column,
): ReadonlyMap<string, Column> =>
  new Map(Array.from(columns, ([name, column]) => [name, change(column)]));

/** The column of a field that must be there. */
export function columnOf({ columns }: Rowset, name: string): Column {
  const column = columns.get(name);
  if (column === undefined)
    throw new Fault("INTERNAL", `no column ${name} among ${[...columns.keys()].join(", ")}`);
  return column;
}

/** Rows from `from` up to `to`; shares memory with the rowset. */
export const sliceRowset = (rowset: Rowset, from: number, to: number): Rowset => ({
  rows: to - from,
  columns: mapColumns(rowset, (column) => sliceColumn(column, from, to)),
});

export const gatherRowset = (rowset: Rowset, positions: Int32Array): Rowset => ({
  rows: positions.length,
  columns: mapColumns(rowset, (column) => gatherColumn(column, positions)),
});

/** One rowset after the other; all have the columns of the first one, which gives their order. */
export function concatRowsets(sets: readonly Rowset[]): Rowset {
  const [first] = sets;
  if (first === undefined) return { rows: 0, columns: new Map() };
  const columns = new Map<string, Column>();
  for (const [name, { type }] of first.columns) {
    columns.set(
      name,
      concatColumns(
        type,
        sets.map((set) => columnOf(set, name)),
      ),
    );
  }
  return { rows: sets.reduce((sum, { rows }) => sum + rows, 0), columns };
}

/** Only these columns, in this order. */
export const selectColumns = (rowset: Rowset, names: readonly string[]): Rowset => ({
  rows: rowset.rows,
  columns: new Map(names.map((name) => [name, columnOf(rowset, name)])),
});
