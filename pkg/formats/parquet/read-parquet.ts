import type { ColumnMetaData, FileMetaData, RowGroup } from "hyparquet";
import { Fault } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";
import { ColumnCursor } from "./column-cursor.ts";
import { withBadCells, type ParquetBlock } from "./bad-cells.ts";
import { readFooter } from "./footer.ts";
import { describeLeaf, topLevelLeaves, type CellKind, type Leaf } from "./leaves.ts";
import { damaged, type ParquetPlace, type SizedFile } from "./place.ts";

/** What a Parquet reader needs of the reader of a node. */
export interface ParquetReader {
  readonly columns: readonly ParquetReaderColumn[];
}

export interface ParquetReaderColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Name in the file. */
  readonly header: string;
}

/** Consecutive row groups as plain data. Reading all ranges in order is reading the file. */
export interface ParquetRange {
  readonly firstGroup: number;
  readonly groups: number;
  /** Rows of the file before the range. */
  readonly row: number;
}

export interface ParquetReadOptions extends ParquetPlace {
  readonly file: SizedFile;
  readonly reader: ParquetReader;
  /** Only these row groups, as `parquetRanges` found them. */
  readonly range?: ParquetRange;
  readonly blockRows?: number;
  /** Values that cannot be cells are told with their block; otherwise the first of them ends the reading with its fault. */
  readonly tellsBadCells?: boolean;
}

const BLOCK_ROWS = 65_536;
const BLOCK_BYTES = 8 * 1024 * 1024;
const READ_AHEAD = 8 * 1024 * 1024;
const MAX_COLUMN_READ_AHEAD = 1024 * 1024;
const MIN_COLUMN_READ_AHEAD = 64 * 1024;

type WantedLeaf = Leaf & { readonly kind: CellKind };

interface Wanted {
  readonly name: string;
  readonly leaf: WantedLeaf;
}

/**
 * Reads a Parquet file, or some of its row groups, as blocks of typed columns. Columns that the reader does not name are not looked
 * at. Memory: a few pages of each column, whatever the size of a row group. Throws FILE_DAMAGED, HEADER_INVALID (no such column),
 * COLUMN_TYPE, and CELL_INVALID, CELL_TOO_LARGE or ENCODING_INVALID with file, row and column.
 */
export async function* readParquet(
  options: ParquetReadOptions,
): AsyncGenerator<ParquetBlock, void, undefined> {
  const metadata = await readFooter(options.file, options);
  const wanted = wantedLeaves(metadata, options);
  const { firstGroup, groups, row } = options.range ?? {
    firstGroup: 0,
    groups: metadata.row_groups.length,
    row: 0,
  };
  let firstRow = row;
  for (const group of metadata.row_groups.slice(firstGroup, firstGroup + groups)) {
    yield* readGroup(options, group, wanted, firstRow);
    firstRow += Number(group.num_rows);
  }
}

async function* readGroup(
  options: ParquetReadOptions,
  group: RowGroup,
  wanted: readonly Wanted[],
  firstRow: number,
): AsyncGenerator<ParquetBlock> {
  const rows = Number(group.num_rows);
  const share = Math.floor(READ_AHEAD / Math.max(1, wanted.length));
  const readAhead = Math.max(MIN_COLUMN_READ_AHEAD, Math.min(MAX_COLUMN_READ_AHEAD, share));
  const columns = wanted.map(({ name, leaf }) => {
    const chunk = chunkOf(options, group, leaf);
    const source = { file: options.file, place: options, leaf, chunk, readAhead };
    const bytes = Number(chunk.total_uncompressed_size);
    return { name, header: leaf.name, cursor: new ColumnCursor(source), bytes };
  });
  const bytes = columns.reduce((sum, column) => sum + column.bytes, 0);
  const fitting = Math.floor(BLOCK_BYTES / Math.max(1, bytes / Math.max(1, rows)));
  const blockRows = Math.min(options.blockRows ?? BLOCK_ROWS, Math.max(1, fitting));
  for (let at = 0; at < rows; at += blockRows) {
    const count = Math.min(blockRows, rows - at);
    const vectors = new Map<string, Vector>();
    for (const { name, cursor } of columns) vectors.set(name, await cursor.take(count));
    const block = { rows: count, columns: vectors, firstRow: firstRow + at };
    yield* withBadCells(block, columns, options);
  }
}

function chunkOf(place: ParquetPlace, group: RowGroup, leaf: WantedLeaf): ColumnMetaData {
  const chunk = group.columns.find(
    ({ meta_data: data }) =>
      data?.path_in_schema.length === 1 && data.path_in_schema[0] === leaf.name,
  )?.meta_data;
  if (chunk === undefined) throw damaged(place, `a row group lacks column ${leaf.name}`);
  if (chunk.type !== leaf.element.type)
    throw damaged(
      place,
      `column ${leaf.name} is ${chunk.type}, but its schema says ${String(leaf.element.type)}`,
    );
  return chunk;
}

function wantedLeaves(metadata: FileMetaData, options: ParquetReadOptions): readonly Wanted[] {
  const leaves = topLevelLeaves(metadata);
  return options.reader.columns.map((column) => {
    const leaf = leaves.find(({ name }) => name === column.header);
    if (leaf === undefined) throw missingColumn(options, column, leaves);
    if (leaf.kind?.type !== column.type) throw otherType(options, column, leaf);
    return { name: column.name, leaf: leaf as WantedLeaf };
  });
}

function missingColumn(
  { url, node }: ParquetPlace,
  { header }: ParquetReaderColumn,
  leaves: readonly Leaf[],
): Fault {
  const found = leaves.map(({ name }) => name);
  const list = found.map((name) => `"${name}"`).join(", ");
  return new Fault("HEADER_INVALID", `${url}: no column "${header}"; found ${list}`, {
    facts: { node, file: url, missing: [header], found },
    hint: "Make parquet.col_name match a column of the file.",
  });
}

function otherType({ url, node }: ParquetPlace, column: ParquetReaderColumn, leaf: Leaf): Fault {
  const found = describeLeaf(leaf);
  return new Fault(
    "COLUMN_TYPE",
    `${url}, column ${column.header}: the file holds ${found}, but col_type of ${column.name} is ${column.type}`,
    {
      facts: {
        node,
        file: url,
        column: column.name,
        header: column.header,
        found,
        declared: column.type,
      },
      ...(leaf.kind === undefined
        ? { hint: "No field type can hold such values; leave the column out." }
        : {}),
    },
  );
}

export interface ParquetColumn {
  readonly name: string;
  /** Undefined for what no field type can hold. */
  readonly type: FieldType | undefined;
  /** Decimals of a decimal number. */
  readonly scale?: number;
}

/** Names and types of the columns that can be read, in file order; undefined types for those that can't. */
export async function parquetColumns(
  file: SizedFile,
  place: ParquetPlace,
): Promise<readonly ParquetColumn[]> {
  const metadata = await readFooter(file, place);
  return topLevelLeaves(metadata).map(({ name, kind }) =>
    kind?.type === "decimal2"
      ? { name, type: kind.type, scale: kind.scale }
      : { name, type: kind?.type },
  );
}

/** Consecutive row groups of about `rangeSize` bytes in the file; none for a file without rows. */
export async function parquetRanges(
  file: SizedFile,
  rangeSize: number,
  place: ParquetPlace,
): Promise<readonly ParquetRange[]> {
  const { row_groups: groups } = await readFooter(file, place);
  const ranges: ParquetRange[] = [];
  let [firstGroup, bytes, row, rows] = [0, 0, 0, 0];
  const close = (end: number): void => {
    if (rows > 0) ranges.push({ firstGroup, groups: end - firstGroup, row });
    row += rows;
    [firstGroup, bytes, rows] = [end, 0, 0];
  };
  groups.forEach((group, at) => {
    for (const { meta_data: chunk } of group.columns)
      bytes += Number(chunk?.total_compressed_size ?? 0);
    rows += Number(group.num_rows);
    if (bytes >= rangeSize) close(at + 1);
  });
  close(groups.length);
  return ranges;
}
