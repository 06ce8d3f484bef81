import { gzipSync } from "node:zlib";
import type { ColumnChunk, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import { gatherColumn, type Column } from "#pkg/rowset";
import { plainValues, presentRows, type PlainValues } from "./plain-values.ts";
import { dictionaryOf } from "./text-dictionary.ts";

export type ParquetCodec = "gzip" | "snappy" | "uncompressed";

const CODECS = {
  gzip: { codec: "GZIP", compress: (bytes: Uint8Array) => gzipSync(bytes, { level: 1 }) },
  snappy: { codec: "SNAPPY", compress: (bytes: Uint8Array) => snappyCompress(bytes) },
  uncompressed: { codec: "UNCOMPRESSED", compress: (bytes: Uint8Array) => bytes },
} as const satisfies Record<ParquetCodec, unknown>;

const PAGE_ROWS = 20_000;
const PAGE_BYTES = 1024 * 1024;

export interface EncodedColumn {
  readonly bytes: Uint8Array;
  readonly chunk: ColumnChunk;
  /** Bytes before compression. */
  readonly fullSize: number;
}

/** Row count and column of one row group as a column chunk that begins at `offset` of the file. */
export function encodeColumn(
  column: Column,
  rows: number,
  { element, codec, offset }: { element: SchemaElement; codec: ParquetCodec; offset: number },
): EncodedColumn {
  const out = new ByteWriter(64 * 1024);
  const sizes = { full: 0 };
  const coded = column.type === "string" ? dictionaryOf(column, rows) : undefined;
  if (coded !== undefined)
    dictionaryPage(out, plainValues(coded.entries, 0, coded.count), codec, sizes);
  const dataOffset = offset + out.offset;
  const present = presentRows(column, rows);
  const plain = coded === undefined ? plainForm(column) : column;
  for (let at = 0; at < rows;) {
    const end = coded === undefined ? pageEnd(plain, at, rows) : Math.min(rows, at + PAGE_ROWS);
    const page = new ByteWriter(64 * 1024);
    putLevels(page, present.subarray(at, end));
    if (coded === undefined) page.appendBytes(plainValues(plain, at, end).bytes);
    else putCodes(page, coded.codes.subarray(at, end), coded.width);
    dataPage(out, page.getBytes(), { rows: end - at, codec, sizes, coded: coded !== undefined });
    at = end;
  }
  return {
    bytes: out.getBytes(),
    fullSize: sizes.full,
    chunk: {
      file_offset: BigInt(offset),
      meta_data: {
        type: element.type as NonNullable<SchemaElement["type"]>,
        encodings: coded === undefined ? ["PLAIN", "RLE"] : ["PLAIN", "RLE", "RLE_DICTIONARY"],
        path_in_schema: [element.name],
        codec: CODECS[codec].codec,
        num_values: BigInt(rows),
        total_uncompressed_size: BigInt(sizes.full),
        total_compressed_size: BigInt(out.offset),
        data_page_offset: BigInt(dataOffset),
        ...(coded === undefined ? {} : { dictionary_page_offset: BigInt(offset) }),
      },
    },
  };
}

/** Texts one after the other, without codes. */
const plainForm = (column: Column): Column =>
  column.type === "string" && column.codes !== undefined
    ? gatherColumn({ ...column, codes: undefined }, column.codes)
    : column;

/** Where the page ends that begins at row `at`: at a number of rows, for texts also at a number of bytes. */
function pageEnd(column: Column, at: number, rows: number): number {
  const end = Math.min(rows, at + PAGE_ROWS);
  if (column.type !== "string") return end;
  const { offsets } = column;
  const limit = (offsets[at] as number) + PAGE_BYTES;
  if ((offsets[end] as number) <= limit) return end;
  let last = at + 1;
  while (last < end && (offsets[last + 1] as number) <= limit) last += 1;
  return last;
}

function putLevels(page: ByteWriter, present: Uint8Array): void {
  const levels = new ByteWriter();
  writeRleBitPackedHybrid(levels, present, 1);
  page.appendUint32(levels.offset);
  page.appendBytes(levels.getBytes());
}

function putCodes(page: ByteWriter, codes: Int32Array, width: number): void {
  page.appendUint8(width);
  writeRleBitPackedHybrid(page, codes, width);
}

interface DataPage {
  readonly rows: number;
  readonly codec: ParquetCodec;
  readonly sizes: { full: number };
  readonly coded: boolean;
}

function dataPage(
  out: ByteWriter,
  bytes: Uint8Array,
  { rows, codec, sizes, coded }: DataPage,
): void {
  const packed = CODECS[codec].compress(bytes);
  const before = out.offset;
  writePageHeader(out, {
    type: "DATA_PAGE",
    uncompressed_page_size: bytes.length,
    compressed_page_size: packed.length,
    data_page_header: {
      num_values: rows,
      encoding: coded ? "RLE_DICTIONARY" : "PLAIN",
      definition_level_encoding: "RLE",
      repetition_level_encoding: "RLE",
    },
  });
  sizes.full += out.offset - before + bytes.length;
  out.appendBytes(packed);
}

function dictionaryPage(
  out: ByteWriter,
  { bytes, count }: PlainValues,
  codec: ParquetCodec,
  sizes: { full: number },
): void {
  const packed = CODECS[codec].compress(bytes);
  const before = out.offset;
  writePageHeader(out, {
    type: "DICTIONARY_PAGE",
    uncompressed_page_size: bytes.length,
    compressed_page_size: packed.length,
    dictionary_page_header: { num_values: count, encoding: "PLAIN" },
  });
  sizes.full += out.offset - before + bytes.length;
  out.appendBytes(packed);
}
