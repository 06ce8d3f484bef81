import {
  parquetEncoder,
  readParquet,
  type ParquetWriter,
  type SizedFile,
} from "#pkg/formats/parquet";
import { valueAt, type Vector } from "#pkg/rowset";
import { valueToText, type FieldType } from "#pkg/value";

/** Bytes in memory as a file. */
export const fileOf = (bytes: Uint8Array): SizedFile => ({
  size: bytes.length,
  read: (into, position) => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return Promise.resolve(part.length);
  },
});

export type Columns = Readonly<Record<string, FieldType>>;

export const readerOf = (columns: Columns) => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type, header: name })),
});

/** All cells as texts, row by row. */
export async function readAll(
  bytes: Uint8Array,
  columns: Columns,
  more: Partial<Parameters<typeof readParquet>[0]> = {},
): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = [];
  const options = {
    url: "x.parquet",
    node: "read",
    file: fileOf(bytes),
    reader: readerOf(columns),
  };
  for await (const block of readParquet({ ...options, ...more }))
    for (let row = 0; row < block.rows; row++)
      rows.push(
        Object.entries(columns).map(([name, type]) =>
          valueToText(type, valueAt(block.columns.get(name) as Vector, row)),
        ),
      );
  return rows;
}

/** A file of the blocks, one after the other. */
export function fileBytes(
  writer: ParquetWriter,
  blocks: readonly { readonly rows: number; readonly vectors: readonly Vector[] }[],
): Uint8Array {
  const encoder = parquetEncoder(writer);
  const pieces = [encoder.header()];
  for (const { rows, vectors } of blocks) pieces.push(encoder.rows(vectors, rows).slice());
  return Buffer.concat([...pieces, encoder.end()]);
}
