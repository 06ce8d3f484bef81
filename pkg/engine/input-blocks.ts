import {
  openText,
  readCsv,
  readNdjson,
  scanCsvRanges,
  scanNdjsonRanges,
  type BadRecords,
  type CsvBlock,
  type CsvRange,
  type CsvReadOptions,
  type NdjsonRange,
} from "#pkg/formats";
import type { ParquetRange } from "#pkg/formats/parquet";
import type { Vector } from "#pkg/rowset";
import type { FileTableNode } from "#pkg/script";
import type { OpenFile } from "#pkg/transfer";
import { readableRows, type BadRows } from "./readable-rows.ts";
import type { RowNames } from "./evaluate.ts";

/** A part of an input file that one unit reads. */
export type InputRange = CsvRange | NdjsonRange | ParquetRange | WholeInput;

/** What can only be read from the beginning is one part. */
interface WholeInput {
  readonly whole: true;
}

const WHOLE: WholeInput = { whole: true };

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
  /** What becomes of records that cannot be read; without it the first of them is the end. */
  readonly badRecords?: BadRecords & BadRows;
}

/** The rows of an input, or of one range of it. */
export function inputBlocks(
  input: Input,
  part: InputRange | undefined,
): AsyncGenerator<InputBlock> {
  const range = part === undefined || "whole" in part ? undefined : part;
  return input.node.reader.format === "parquet"
    ? parquetBlocks(input, range as ParquetRange | undefined)
    : textBlocks(input, range as TextRange | undefined);
}

/** The ranges of a large input; what is packed, kept in another encoding, or holds no rows, is one. */
export async function inputRanges(input: Input, rangeSize: number): Promise<readonly InputRange[]> {
  const ranges = await foundRanges(input, rangeSize);
  return ranges.length === 0 ? [WHOLE] : ranges;
}

async function foundRanges(
  { node, open, url }: Input,
  rangeSize: number,
): Promise<readonly InputRange[]> {
  const place = { url, node: node.name };
  const { reader } = node;
  if (reader.format === "parquet") {
    const { parquetRanges } = await import("#pkg/formats/parquet");
    return parquetRanges(sized(open), rangeSize, place);
  }
  if (open.sequential === true) return [WHOLE];
  await using text = await openText({
    ...place,
    file: open,
    sequential: false,
    charset: reader.charset,
  });
  if (!text.isPlain) return [WHOLE];
  return reader.format === "csv"
    ? await scanCsvRanges(open, reader, rangeSize, place)
    : await scanNdjsonRanges(open, rangeSize);
}

type TextRange = CsvRange | NdjsonRange;

/** A range is part of a file that is plain, as the scan has found. */
async function* textBlocks(
  { node, open, url, badRecords }: Input,
  range: TextRange | undefined,
): AsyncGenerator<InputBlock> {
  const { reader } = node;
  if (reader.format === "parquet") return;
  const place = { url, node: node.name, ...(badRecords ? { badRecords } : {}) };
  const sequential = open.sequential === true;
  await using text =
    range === undefined
      ? await openText({ ...place, file: open, sequential, charset: reader.charset })
      : undefined;
  const file = text?.file ?? open;
  const part = range === undefined ? {} : { range };
  const blocks =
    reader.format === "csv"
      ? readCsv({ ...place, ...part, file, reader } as CsvReadOptions)
      : readNdjson({ ...place, ...part, file, reader });
  yield* lineBlocks(blocks, place);
}

const sized = (open: OpenFile) => ({
  read: (into: Uint8Array, position: number) => open.read(into, position),
  size: open.length ?? open.facts.size,
});

async function* lineBlocks(
  blocks: AsyncIterable<CsvBlock>,
  options: { readonly url: string; readonly node: string },
): AsyncGenerator<InputBlock> {
  for await (const block of blocks) {
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
  { node, open, url, badRecords }: Input,
  range: ParquetRange | undefined,
): AsyncGenerator<InputBlock> {
  const { readParquet } = await import("#pkg/formats/parquet");
  const { reader, name } = node;
  const blocks = readParquet({
    url,
    node: name,
    reader,
    file: sized(open),
    ...(range === undefined ? {} : { range }),
    tellsBadCells: badRecords !== undefined,
  });
  for await (const block of blocks) {
    const kept = await readableRows(block, reader.columns, badRecords);
    const lineOf = (row: number): number => block.firstRow + kept.rowOf(row) + 1;
    const describe = (row: number) => {
      const number = lineOf(row);
      return { text: `file ${url}, row ${number}`, facts: { file: url, row: number } };
    };
    const { rows, columns } = kept;
    yield { rows, columns, names: { node: name, describe }, lineOf };
  }
}
