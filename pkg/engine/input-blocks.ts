import {
  readCsv,
  scanCsvRanges,
  type BadRecords,
  type CsvRange,
  type CsvReadOptions,
} from "#pkg/formats";
import type { ParquetRange, ParquetReadOptions } from "#pkg/formats/parquet";
import type { Vector } from "#pkg/rowset";
import type { FileTableNode } from "#pkg/script";
import type { OpenFile } from "#pkg/transfer";
import type { RowNames } from "./evaluate.ts";

/** A part of an input file that one unit reads. */
export type InputRange = CsvRange | ParquetRange | WholeInput;

/** What can only be read from the beginning is one part. */
interface WholeInput {
  readonly whole: true;
}

/** Consecutive rows of an input, whatever its format. */
export interface InputBlock {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Vector>;
  readonly names: RowNames;
  /** Where a row stands in the file, from 1: physical line of a text file, else number of the row. */
  lineOf(row: number): number;
}

export interface Input {
  readonly node: FileTableNode;
  readonly open: OpenFile;
  readonly url: string;
  /** Text files only. */
  readonly badRecords?: BadRecords;
}

/** The rows of an input, or of one range of it. */
export function inputBlocks(
  { node, open, url, badRecords }: Input,
  part: InputRange | undefined,
): AsyncGenerator<InputBlock> {
  const range = part === undefined || "whole" in part ? undefined : part;
  const place = { url, node: node.name };
  const { reader } = node;
  if (reader.format === "parquet")
    return parquetBlocks(
      { ...place, reader, file: sized(open) },
      range as ParquetRange | undefined,
    );
  const options = { ...place, file: open, reader, ...(badRecords ? { badRecords } : {}) };
  return csvBlocks(range === undefined ? options : { ...options, range: range as CsvRange });
}

/** The ranges of a large input. */
export async function inputRanges(
  { node, open, url }: Input,
  rangeSize: number,
): Promise<readonly InputRange[]> {
  const place = { url, node: node.name };
  if (open.sequential === true) return [{ whole: true }];
  if (node.reader.format === "csv") return scanCsvRanges(open, node.reader, rangeSize, place);
  const { parquetRanges } = await import("#pkg/formats/parquet");
  return parquetRanges(sized(open), rangeSize, place);
}

const sized = (open: OpenFile) => ({
  read: (into: Uint8Array, position: number) => open.read(into, position),
  size: open.length ?? open.facts.size,
});

async function* csvBlocks(options: CsvReadOptions): AsyncGenerator<InputBlock> {
  for await (const block of readCsv(options)) {
    const { rows, columns } = block;
    const describe = (row: number) => {
      const line = block.lineOf(row);
      return { text: `file ${options.url}, line ${line}`, facts: { file: options.url, line } };
    };
    const lineOf = (row: number): number => block.lineOf(row);
    yield { rows, columns, names: { node: options.node, describe }, lineOf };
  }
}

/** Parquet code is loaded by the first node that needs it. */
async function* parquetBlocks(
  options: ParquetReadOptions,
  range: ParquetRange | undefined,
): AsyncGenerator<InputBlock> {
  const { readParquet } = await import("#pkg/formats/parquet");
  const blocks = readParquet(range === undefined ? options : { ...options, range });
  for await (const { rows, columns, firstRow } of blocks) {
    const lineOf = (row: number): number => firstRow + row + 1;
    const describe = (row: number) => {
      const number = lineOf(row);
      return {
        text: `file ${options.url}, row ${number}`,
        facts: { file: options.url, row: number },
      };
    };
    yield { rows, columns, names: { node: options.node, describe }, lineOf };
  }
}
