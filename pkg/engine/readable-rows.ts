import type { BadRecord, BadRecords } from "#pkg/formats";
import type { BadCell, ParquetBlock, ParquetReaderColumn } from "#pkg/formats/parquet";
import { gatherVector, type Vector } from "#pkg/rowset";
import { textsOfRow } from "./texts-of-row.ts";

/** What is decided about rows of a Parquet file with cells that cannot be read. */
export interface BadRows extends Pick<BadRecords, "knows" | "learn"> {
  /** Texts that people gave for the row, by column; they are put in its place with those of all other corrected rows. */
  correctedTexts(line: number): Readonly<Record<string, string>> | undefined;
  /** The row is left out. */
  reject(record: BadRecord): void;
}

export interface ReadableRows {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Vector>;
  /** Row of the block; that behind the last one is the end of the block. */
  readonly rowOf: (row: number) => number;
}

/** Rows of a block without those that have a bad cell for which nobody gave a text. */
export async function readableRows(
  { rows, columns, firstRow, bad }: ParquetBlock,
  readerColumns: readonly ParquetReaderColumn[],
  badRows: BadRows | undefined,
): Promise<ReadableRows> {
  if (bad.length === 0 || badRows === undefined) return { rows, columns, rowOf: (row) => row };
  const left = new Uint8Array(rows);
  for (const [row, cells] of byRow(bad)) {
    const line = firstRow + row + 1;
    if (!badRows.knows(line)) await badRows.learn(line);
    const corrected = badRows.correctedTexts(line) ?? {};
    const wrong = cells.find(({ column }) => !Object.hasOwn(corrected, column));
    if (wrong === undefined) continue;
    left[row] = 1;
    const texts = new Map(Object.entries(textsOfRow(readerColumns, columns, row)));
    for (const { column, text } of cells) texts.set(column, text);
    for (const [column, text] of Object.entries(corrected)) texts.set(column, text);
    badRows.reject({ line, fault: wrong.fault, cells: texts });
  }
  const kept = Int32Array.from({ length: rows }, (_, row) => row).filter((row) => left[row] === 0);
  return {
    rows: kept.length,
    columns: new Map([...columns].map(([name, all]) => [name, gatherVector(all, kept)])),
    rowOf: (row) => kept[row] ?? rows,
  };
}

function byRow(bad: readonly BadCell[]): ReadonlyMap<number, readonly BadCell[]> {
  const rows = new Map<number, BadCell[]>();
  for (const cell of bad) {
    const cells = rows.get(cell.row);
    if (cells === undefined) rows.set(cell.row, [cell]);
    else cells.push(cell);
  }
  return rows;
}
