import type { ColumnMetaData, DataReader, SchemaElement } from "hyparquet";
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { decompress } from "./codecs.ts";
import { readHybrid, type Cursor } from "./hybrid.ts";
import { isUnsigned } from "./leaves.ts";
import type { RawPage } from "./page-reader.ts";
import { joinTexts, plainTexts, type Texts } from "./texts.ts";

/** More rows in one page are taken for damage. */
const MAX_PAGE_ROWS = 16 * 1024 * 1024;

/** Values as they are kept in the file. */
export type Physical =
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly boolean[]
  | readonly bigint[]
  | readonly Uint8Array[]
  | Texts;

export interface PageContent {
  readonly rows: number;
  /** 1 where there is a value; undefined when all rows have one. */
  readonly present: Uint8Array | undefined;
  /** Values of the rows that have one: codes of the dictionary, or the values themselves. */
  readonly values:
    | { readonly kind: "codes"; readonly codes: Int32Array }
    | { readonly kind: "plain"; readonly values: Physical };
}

export interface PageColumn {
  readonly element: SchemaElement;
  readonly chunk: Pick<ColumnMetaData, "type" | "codec">;
}

/** Values of a dictionary page. */
export function dictionaryValues({ header, bytes }: RawPage, column: PageColumn): Physical {
  const page = decompress(column.chunk.codec, bytes, header.uncompressed_page_size);
  const count = header.dictionary_page_header?.num_values ?? 0;
  return plainValues({ bytes: page, at: 0 }, checkedCount(count), column);
}

function checkedCount(count: number): number {
  if (!(count >= 0 && count <= MAX_PAGE_ROWS)) throw new RangeError(`a page of ${count} values`);
  return count;
}

/** Content of a data page; `codes` may name entries that the dictionary lacks. */
export function pageContent(page: RawPage, column: PageColumn): PageContent {
  const { type } = page.header;
  if (type === "DATA_PAGE") return contentV1(page, column);
  if (type === "DATA_PAGE_V2") return contentV2(page, column);
  throw new RangeError(`a page of type ${type}`);
}

function contentV1({ header, bytes }: RawPage, column: PageColumn): PageContent {
  const head = header.data_page_header;
  if (head === undefined) throw new RangeError("a data page without its header");
  const page = decompress(column.chunk.codec, bytes, header.uncompressed_page_size);
  const rows = checkedCount(head.num_values);
  const cursor = { bytes: page, at: 0 };
  let present: Uint8Array | undefined;
  if (column.element.repetition_type !== "REQUIRED") {
    if (head.definition_level_encoding !== "RLE")
      throw new RangeError(`levels of encoding ${head.definition_level_encoding}`);
    const length = viewOf(page).getUint32(0, true);
    present = levels({ bytes: page.subarray(0, 4 + length), at: 4 }, rows);
    cursor.at = 4 + length;
  }
  return content(cursor, { rows, present, encoding: head.encoding }, column);
}

function contentV2({ header, bytes }: RawPage, column: PageColumn): PageContent {
  const head = header.data_page_header_v2;
  if (head === undefined) throw new RangeError("a data page without its header");
  const rows = checkedCount(head.num_values);
  const before = head.repetition_levels_byte_length + head.definition_levels_byte_length;
  if (!(before >= 0) || before > bytes.length)
    throw new RangeError("levels longer than their page");
  const optional = column.element.repetition_type !== "REQUIRED";
  const present =
    optional && head.definition_levels_byte_length > 0
      ? levels({ bytes: bytes.subarray(0, before), at: head.repetition_levels_byte_length }, rows)
      : undefined;
  const packed = bytes.subarray(before);
  const length = header.uncompressed_page_size - before;
  const page =
    head.is_compressed === false ? packed : decompress(column.chunk.codec, packed, length);
  return content({ bytes: page, at: 0 }, { rows, present, encoding: head.encoding }, column);
}

function levels(cursor: Cursor, rows: number): Uint8Array | undefined {
  const present = new Uint8Array(rows);
  if (rows > 0) readHybrid(cursor, 1, present);
  return present.includes(0) ? present : undefined;
}

const countPresent = (present: Uint8Array): number => {
  let count = 0;
  for (const level of present) count += level;
  return count;
};

interface Head {
  readonly rows: number;
  readonly present: Uint8Array | undefined;
  readonly encoding: string;
}

function content(cursor: Cursor, head: Head, column: PageColumn): PageContent {
  const { rows, present, encoding } = head;
  const count = present === undefined ? rows : countPresent(present);
  if (encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE_DICTIONARY")
    return {
      rows,
      present,
      values: { kind: "plain", values: decode(cursor, encoding, count, column) },
    };
  const codes = new Int32Array(count);
  const width = count === 0 ? 0 : (cursor.bytes[cursor.at++] as number);
  if (width > 0) readHybrid(cursor, width, codes);
  return { rows, present, values: { kind: "codes", codes } };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function plainValues(cursor: Cursor, count: number, { element, chunk }: PageColumn): Physical {
  if (chunk.type === "BYTE_ARRAY") return plainTexts(cursor, count);
  const reader = { view: viewOf(cursor.bytes), offset: cursor.at };
  return readPlain(reader, chunk.type, count, element.type_length) as Physical;
}

function decode(cursor: Cursor, encoding: string, count: number, column: PageColumn): Physical {
  if (encoding === "PLAIN" || count === 0) return plainValues(cursor, count, column);
  const { element, chunk } = column;
  const reader = { view: viewOf(cursor.bytes), offset: cursor.at };
  switch (encoding) {
    case "RLE":
      return runBooleans(cursor, count);
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(reader, count, chunk.type, element.type_length) as Physical;
    case "DELTA_BINARY_PACKED":
      return deltaIntegers(reader, count, column);
    case "DELTA_LENGTH_BYTE_ARRAY":
      return deltaTexts(deltaLengthByteArray, reader, count, column);
    case "DELTA_BYTE_ARRAY":
      return deltaTexts(deltaByteArray, reader, count, column);
    default:
      throw new RangeError(`values of encoding ${encoding}`);
  }
}

function runBooleans({ bytes, at }: Cursor, count: number): readonly boolean[] {
  const bits = new Uint8Array(count);
  readHybrid({ bytes, at: at + 4 }, 1, bits);
  return Array.from(bits, (bit) => bit === 1);
}

function deltaIntegers(
  reader: DataReader,
  count: number,
  { element, chunk }: PageColumn,
): Int32Array | BigInt64Array {
  // Some writers begin with the unsigned value, which needs more than 32 bits.
  const narrow = chunk.type === "INT32" && !isUnsigned(element);
  const values = narrow ? new Int32Array(count) : new BigInt64Array(count);
  deltaBinaryUnpack(reader, count, values);
  if (chunk.type !== "INT32" || values instanceof Int32Array) return values;
  return Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value)));
}

function deltaTexts(
  unpack: typeof deltaByteArray,
  reader: DataReader,
  count: number,
  { chunk }: PageColumn,
): Physical {
  const parts: Uint8Array[] = [];
  parts.length = count;
  unpack(reader, count, parts);
  return chunk.type === "BYTE_ARRAY" ? joinTexts(parts) : parts;
}
