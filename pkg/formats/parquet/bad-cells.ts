import { Fault, withoutTraces } from "#pkg/fault";
import { sliceVector, type Vector } from "#pkg/rowset";
import type { BadPlace } from "./column-cursor.ts";
import type { ParquetPlace } from "./place.ts";

/** A value that no column of its type can hold. */
export interface BadCell {
  /** Row of the block; there stands the default of the type. */
  readonly row: number;
  /** Name of the reader's column. */
  readonly column: string;
  /** What stands in the file. */
  readonly text: string;
  readonly fault: Fault;
}

/** Consecutive rows of a file. */
export interface ParquetBlock {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Vector>;
  /** Rows of the file before the block. */
  readonly firstRow: number;
  /** By row, of one row by column of the reader. */
  readonly bad: readonly BadCell[];
}

interface ReadColumn {
  readonly name: string;
  /** Name in the file. */
  readonly header: string;
  readonly cursor: { readonly bad: readonly BadPlace[] };
}

interface Telling extends ParquetPlace {
  readonly tellsBadCells?: boolean;
}

const NONE: readonly BadCell[] = [];

/** What is known about a bad cell is an object, so a block that has some comes in parts of so many rows. */
const PART_ROWS = 4096;

/** The block as it is, or in parts with what its columns could not take; throws the first of that unless it is to be told. */
export function* withBadCells(
  block: Omit<ParquetBlock, "bad">,
  columns: readonly ReadColumn[],
  telling: Telling,
): Generator<ParquetBlock> {
  const { rows, firstRow } = block;
  if (columns.every(({ cursor }) => cursor.bad.length === 0)) {
    yield { ...block, bad: NONE };
    return;
  }
  if (telling.tellsBadCells !== true) throw firstFault(columns, telling, firstRow);
  const rest = columns.map((column) => ({ ...column, next: 0 }));
  for (let from = 0; from < rows; from += PART_ROWS) {
    const to = Math.min(rows, from + PART_ROWS);
    const bad = withoutTraces(() =>
      rest.flatMap((column) => cellsBefore(column, { from, to }, { ...telling, firstRow })),
    );
    yield {
      rows: to - from,
      columns: new Map([...block.columns].map(([name, all]) => [name, sliceVector(all, from, to)])),
      firstRow: firstRow + from,
      bad: bad.toSorted((a, b) => a.row - b.row),
    };
  }
}

function cellsBefore(
  column: ReadColumn & { next: number },
  { from, to }: { readonly from: number; readonly to: number },
  place: ParquetPlace & { readonly firstRow: number },
): readonly BadCell[] {
  const { bad } = column.cursor;
  const cells: BadCell[] = [];
  for (; column.next < bad.length && (bad[column.next] as BadPlace).row < to; column.next++) {
    const at = bad[column.next] as BadPlace;
    const text = at.values.textOf(at.entry);
    cells.push({
      row: at.row - from,
      column: column.name,
      text,
      fault: faultOf(column, at, place),
    });
  }
  return cells;
}

function faultOf(
  { name, header }: ReadColumn,
  { row, entry, values }: BadPlace,
  { url, node, firstRow }: ParquetPlace & { readonly firstRow: number },
): Fault {
  const number = firstRow + row + 1;
  const { code, message: problem } = values.problemOf(entry);
  return new Fault(code, `${url} row ${number}, column ${header}: ${problem}`, {
    facts: { node, file: url, row: number, column: name, header, problem },
  });
}

function firstFault(columns: readonly ReadColumn[], place: Telling, firstRow: number): Fault {
  const firsts = columns.flatMap((column) => {
    const [at] = column.cursor.bad;
    return at === undefined ? [] : [{ column, at }];
  });
  const [first] = firsts.toSorted((a, b) => a.at.row - b.at.row);
  if (first === undefined) throw new Fault("INTERNAL", "there is no bad cell");
  return faultOf(first.column, first.at, { ...place, firstRow });
}
