import { FIELD_TYPES } from "#pkg/value";
import { checksum } from "./checksum.ts";
import { align, ENTRY, ENTRY_BYTES, HEADER, HEADER_BYTES, MAGIC, VERSION } from "./chunk-format.ts";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { codeWidth, compactTexts, type CompactTexts } from "./compact-strings.ts";
import { pageBytes } from "./page-bytes.ts";
import {
  REPRESENTATIONS,
  storeIntegers,
  storeTimes,
  type Part,
  type Representation,
} from "./representation.ts";

/** Texts are copied into the chunk from where they are. */
type StoredPart = Part | CompactTexts;

interface StoredColumn {
  readonly name: Uint8Array;
  readonly type: Column["type"];
  readonly representation: Representation;
  readonly parts: readonly StoredPart[];
  /** Bytes of all parts, each aligned. */
  readonly bytes: number;
  readonly entryBytes: number;
}

interface Layout {
  readonly representation: Representation;
  readonly parts: readonly StoredPart[];
}

const CODES = {
  1: (codes: Int32Array): Layout => ({
    representation: "dictionary8",
    parts: [new Uint8Array(codes)],
  }),
  2: (codes: Int32Array): Layout => ({
    representation: "dictionary16",
    parts: [new Uint16Array(codes)],
  }),
  4: (codes: Int32Array): Layout => ({ representation: "dictionary32", parts: [codes] }),
} as const;

function stringLayout(column: StringColumn): Layout {
  const texts = compactTexts(column);
  const { codes, offsets } = texts;
  if (codes === undefined) return { representation: "plain", parts: [offsets, texts] };
  const { representation, parts } = CODES[codeWidth(offsets.length - 1)](codes);
  return { representation, parts: [...parts, offsets, texts] };
}

function layoutOf(column: Column): Layout {
  switch (column.type) {
    case "string":
      return stringLayout(column);
    case "bool":
      return { representation: "bytes", parts: [column.values] };
    case "float":
      return { representation: "float64", parts: [column.values] };
    case "datetime": {
      const { representation, part } = storeTimes(column.values);
      return { representation, parts: [part] };
    }
    default: {
      const { representation, part } = storeIntegers(column.values);
      return { representation, parts: [part] };
    }
  }
}

const utf8 = new TextEncoder();

function stored(name: string, column: Column): StoredColumn {
  const layout = layoutOf(column);
  const encoded = utf8.encode(name);
  return {
    name: encoded,
    type: column.type,
    ...layout,
    bytes: layout.parts.reduce((sum, part) => sum + align(part.byteLength), 0),
    entryBytes: align(ENTRY_BYTES + layout.parts.length * 4 + encoded.length, 4),
  };
}

/** The binary form of the rows (see chunk-format.ts). Equal content need not give equal bytes; ValueHash is for that. */
export function encodeChunk(rowset: Rowset): Uint8Array {
  const columns = Array.from(rowset.columns, ([name, column]) => stored(name, column));
  const directoryBytes = align(columns.reduce((sum, column) => sum + column.entryBytes, 0));
  const body = HEADER_BYTES + directoryBytes;
  const chunk = pageBytes(columns.reduce((sum, column) => sum + column.bytes, body));
  const view = new DataView(chunk.buffer);
  let entry = HEADER_BYTES;
  let region = body;
  for (const column of columns) {
    writeRegion(chunk, region, column);
    writeEntry(view, entry, region, column);
    entry += column.entryBytes;
    region += column.bytes;
  }
  view.setUint32(HEADER.magic, MAGIC, true);
  view.setUint16(HEADER.version, VERSION, true);
  view.setUint32(HEADER.rows, rowset.rows, true);
  view.setUint32(HEADER.columns, columns.length, true);
  view.setUint32(HEADER.directoryBytes, directoryBytes, true);
  view.setUint32(HEADER.chunkBytes, chunk.length, true);
  view.setInt32(HEADER.checksum, checksum(new Int32Array(chunk.buffer, 0, body / 4)), true);
  return chunk;
}

function writeRegion(chunk: Uint8Array, region: number, { parts }: StoredColumn): void {
  let at = region;
  for (const part of parts) {
    if ("copyTo" in part) part.copyTo(chunk, at);
    else chunk.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += align(part.byteLength);
  }
}

function writeEntry(
  view: DataView<ArrayBuffer>,
  entry: number,
  region: number,
  column: StoredColumn,
): void {
  view.setUint32(entry + ENTRY.entryBytes, column.entryBytes, true);
  view.setUint8(entry + ENTRY.type, FIELD_TYPES.indexOf(column.type));
  view.setUint8(entry + ENTRY.representation, REPRESENTATIONS.indexOf(column.representation));
  view.setUint32(entry + ENTRY.offset, region, true);
  view.setUint32(entry + ENTRY.bytes, column.bytes, true);
  view.setInt32(
    entry + ENTRY.checksum,
    checksum(new Int32Array(view.buffer, region, column.bytes / 4)),
    true,
  );
  view.setUint16(entry + ENTRY.nameBytes, column.name.length, true);
  view.setUint16(entry + ENTRY.parts, column.parts.length, true);
  const names = entry + ENTRY_BYTES + column.parts.length * 4;
  column.parts.forEach((part, index) =>
    view.setUint32(entry + ENTRY_BYTES + index * 4, part.byteLength, true),
  );
  new Uint8Array(view.buffer).set(column.name, names);
}
