import type { RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import type { RowEncoder } from "#pkg/formats";
import {
  concatColumns,
  isExact,
  sliceVector,
  storable,
  type Column,
  type Vector,
} from "#pkg/rowset";
import { truncateDecimal, type FieldType } from "#pkg/value";
import { encodeColumn, type ParquetCodec } from "./encode-column.ts";
import { GroupLimit } from "./group-limit.ts";
import { elementOf } from "./schema-elements.ts";

/** What an encoder needs of the writer of a node. */
export interface ParquetWriter {
  readonly codec: ParquetCodec;
  readonly columns: readonly ParquetWriterColumn[];
}

export interface ParquetWriterColumn {
  readonly type: FieldType;
  /** Name in the file. */
  readonly header: string;
}

const MAGIC = 0x31524150;

/** Digits behind the cents are cut off here (spec/script.md 11.3), not rounded as for tables and CSV. */
const writable = (vector: Vector): Column =>
  storable(
    isExact(vector) && vector.type === "decimal2"
      ? { type: "decimal2", exact: vector.exact.map((value) => truncateDecimal(value, 2)) }
      : vector,
  );

/**
 * Turns rows into the bytes of a Parquet file. The bytes depend on the values alone: row groups are cut at numbers of rows and bytes
 * of the file, whatever the blocks are that the rows come in. Memory: the rows of one row group, and its bytes.
 */
export const parquetEncoder = (writer: ParquetWriter): RowEncoder => new ParquetEncoder(writer);

class ParquetEncoder implements RowEncoder {
  readonly #writer: ParquetWriter;
  readonly #elements: readonly SchemaElement[];
  readonly #limit = new GroupLimit();
  readonly #groups: RowGroup[] = [];
  /** Parts of the row group at hand. */
  #pending: (readonly Column[])[] = [];
  #offset = 4;

  constructor(writer: ParquetWriter) {
    this.#writer = writer;
    this.#elements = writer.columns.map(({ header, type }) => elementOf(header, type));
  }

  header(): Uint8Array {
    const out = new ByteWriter(4);
    out.appendUint32(MAGIC);
    return out.getBytes();
  }

  rows(vectors: readonly Vector[], rows: number): Uint8Array {
    const columns = vectors.map(writable);
    const done: Uint8Array[] = [];
    for (const { from, to, rows: closed } of this.#limit.cut(columns, rows)) {
      this.#pending.push(columns.map((column) => sliceVector(column, from, to) as Column));
      if (closed > 0) done.push(...this.#closeGroup(closed));
    }
    return Buffer.concat(done);
  }

  end(): Uint8Array {
    const last = this.#limit.rows > 0 ? this.#closeGroup(this.#limit.rows) : [];
    const out = new ByteWriter();
    writeMetadata(out, {
      version: 2,
      created_by: "capillaries",
      schema: [{ name: "root", num_children: this.#elements.length }, ...this.#elements],
      num_rows: this.#groups.reduce((sum, group) => sum + group.num_rows, 0n),
      row_groups: this.#groups,
      metadata_length: 0,
    });
    out.appendUint32(MAGIC);
    return Buffer.concat([...last, out.getBytes()]);
  }

  #closeGroup(rows: number): readonly Uint8Array[] {
    const start = this.#offset;
    const parts = this.#elements.map((element, at) => {
      const { type } = this.#writer.columns[at] as ParquetWriterColumn;
      const pieces = this.#pending.map((columns) => columns[at] as Column);
      const place = { element, codec: this.#writer.codec, offset: this.#offset };
      const encoded = encodeColumn(concatColumns(type, pieces), rows, place);
      this.#offset += encoded.bytes.length;
      return encoded;
    });
    this.#pending = [];
    this.#groups.push({
      columns: parts.map(({ chunk }) => chunk),
      total_byte_size: BigInt(parts.reduce((sum, part) => sum + part.fullSize, 0)),
      num_rows: BigInt(rows),
      file_offset: BigInt(start),
      total_compressed_size: BigInt(this.#offset - start),
    });
    return parts.map(({ bytes }) => bytes);
  }
}
