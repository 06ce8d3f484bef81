import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { ColumnMetaData } from "hyparquet";
import { decompressPage } from "hyparquet/src/datapage.js";
import { compressors } from "hyparquet-compressors";

/** The native codecs of Node where it has them, bounded by the size the page header promises. */
const CODECS = {
  ...compressors,
  GZIP: (input: Uint8Array, length: number) => gunzipSync(input, { maxOutputLength: length || 1 }),
  BROTLI: (input: Uint8Array, length: number) =>
    brotliDecompressSync(input, { maxOutputLength: length || 1 }),
};

/** The bytes of a page; throws when they are not what codec and length say. */
export const decompress = (
  codec: ColumnMetaData["codec"],
  bytes: Uint8Array,
  length: number,
): Uint8Array => decompressPage(bytes, length, codec, CODECS);
