import { Fault } from "#pkg/fault";
import { FIELD_TYPES, type FieldType } from "#pkg/value";
import { checksum } from "./checksum.ts";
import {
  align,
  ALIGNMENT,
  ENTRY,
  ENTRY_BYTES,
  HEADER,
  HEADER_BYTES,
  MAGIC,
  VERSION,
} from "./chunk-format.ts";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { loadDoubles, REPRESENTATIONS, type Part, type Representation } from "./representation.ts";
import { stringColumn } from "./string-column.ts";

interface Entry {
  readonly name: string;
  readonly type: FieldType;
  readonly representation: Representation;
  readonly offset: number;
  readonly bytes: number;
  readonly checksum: number;
  readonly parts: readonly number[];
}

interface Header {
  readonly rows: number;
  readonly entries: readonly Entry[];
}

const damaged = (what: string): Fault =>
  new Fault("TABLE_DAMAGED", `a chunk of a table is damaged: ${what}`);

const newer = (what: string): Fault =>
  new Fault("STORE_VERSION", `a chunk of a table was written by a newer version: ${what}`);

/** Bytes at a multiple of 8 of their buffer: the ones given, or a copy. */
const aligned = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  (bytes.byteOffset + from) % ALIGNMENT === 0 ? bytes.subarray(from, to) : bytes.slice(from, to);

const words = (bytes: Uint8Array): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

function checkHeader(bytes: Uint8Array, view: DataView): number {
  if (bytes.length < HEADER_BYTES) throw damaged("it is too short");
  if (view.getUint32(HEADER.magic, true) !== MAGIC) throw damaged("it does not begin like a chunk");
  const version = view.getUint16(HEADER.version, true);
  if (version > VERSION) throw newer(`format ${version}, known up to ${VERSION}`);
  if (view.getUint32(HEADER.chunkBytes, true) !== bytes.length)
    throw damaged("its length is not the recorded one");
  const body = HEADER_BYTES + view.getUint32(HEADER.directoryBytes, true);
  if (version !== VERSION || body > bytes.length || body % ALIGNMENT !== 0)
    throw damaged("its header makes no sense");
  const head = bytes.slice(0, body);
  new DataView(head.buffer).setUint32(HEADER.checksum, 0, true);
  if (checksum(words(head)) !== view.getInt32(HEADER.checksum, true))
    throw damaged("the checksum of its header is wrong");
  if (view.getUint16(HEADER.flags, true) !== 0) throw newer("it uses a reserved flag");
  return body;
}

const utf8 = new TextDecoder();

function readEntry(bytes: Uint8Array, view: DataView, at: number): Entry {
  if (view.getUint16(at + ENTRY.flags, true) !== 0) throw newer("a column uses a reserved flag");
  const parts: number[] = [];
  const names = at + ENTRY_BYTES + view.getUint16(at + ENTRY.parts, true) * 4;
  for (let part = at + ENTRY_BYTES; part < names; part += 4) parts.push(view.getUint32(part, true));
  return {
    name: utf8.decode(bytes.subarray(names, names + view.getUint16(at + ENTRY.nameBytes, true))),
    type: FIELD_TYPES[view.getUint8(at + ENTRY.type)] as FieldType,
    representation: REPRESENTATIONS[view.getUint8(at + ENTRY.representation)] as Representation,
    offset: view.getUint32(at + ENTRY.offset, true),
    bytes: view.getUint32(at + ENTRY.bytes, true),
    checksum: view.getInt32(at + ENTRY.checksum, true),
    parts,
  };
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkHeader(bytes, view);
  const entries: Entry[] = [];
  let at = HEADER_BYTES;
  for (let left = view.getUint32(HEADER.columns, true); left > 0; left--) {
    entries.push(readEntry(bytes, view, at));
    at += view.getUint32(at + ENTRY.entryBytes, true);
  }
  return { rows: view.getUint32(HEADER.rows, true), entries };
}

const PARTS = {
  float64: [Float64Array],
  int8: [Int8Array],
  int16: [Int16Array],
  int32: [Int32Array],
  int64: [BigInt64Array],
  days: [Int32Array],
  seconds: [Int32Array],
  bytes: [Uint8Array],
  plain: [Int32Array, Uint8Array],
  dictionary8: [Uint8Array, Int32Array, Uint8Array],
  dictionary16: [Uint16Array, Int32Array, Uint8Array],
  dictionary32: [Int32Array, Int32Array, Uint8Array],
} as const satisfies Record<Representation, readonly unknown[]>;

function readParts(bytes: Uint8Array, entry: Entry): readonly Part[] {
  const region = aligned(bytes, entry.offset, entry.offset + entry.bytes);
  if (checksum(words(region)) !== entry.checksum)
    throw damaged(`the checksum of column ${entry.name} is wrong`);
  let at = region.byteOffset;
  return PARTS[entry.representation].map((Kind, index) => {
    const length = entry.parts[index] as number;
    const part = new Kind(region.buffer as ArrayBuffer, at, length / Kind.BYTES_PER_ELEMENT);
    at += align(length);
    return part;
  });
}

function stringParts([first, second, third]: readonly Part[]): StringColumn {
  if (third === undefined)
    return stringColumn(undefined, { offsets: first as Int32Array, bytes: second as Uint8Array });
  const codes =
    first instanceof Int32Array ? first : new Int32Array(first as Uint8Array | Uint16Array);
  return stringColumn(codes, { offsets: second as Int32Array, bytes: third as Uint8Array });
}

function readColumn(bytes: Uint8Array, entry: Entry): Column {
  const { type, representation } = entry;
  const parts = readParts(bytes, entry);
  if (type === "string") return stringParts(parts);
  const [part] = parts as readonly [Part];
  if (type === "bool") return { type, values: part as Uint8Array };
  if (part instanceof BigInt64Array) return { type: type as "int" | "decimal2", values: part };
  return {
    type,
    values: loadDoubles(representation, part),
  };
}

/**
 * The rows of a chunk, or only the named columns, in that order. Columns may be views of `bytes`, which must not change
 * afterwards. Throws TABLE_DAMAGED when a read part is not what was written, STORE_VERSION when it is newer.
 */
export function decodeChunk(bytes: Uint8Array, names?: readonly string[]): Rowset {
  const { rows, entries } = readHeader(bytes);
  if (names === undefined)
    return {
      rows,
      columns: new Map(entries.map((entry) => [entry.name, readColumn(bytes, entry)])),
    };
  const columns = new Map<string, Column>();
  for (const name of names) {
    const entry = entries.find((candidate) => candidate.name === name);
    if (entry === undefined) throw damaged(`it has no column ${name}`);
    columns.set(name, readColumn(bytes, entry));
  }
  return { rows, columns };
}
