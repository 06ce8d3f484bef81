import type { StringColumn } from "./column.ts";

/** Entries of a string column: entry e is bytes[offsets[e]] up to bytes[offsets[e + 1]]. */
export interface Entries {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

const bufferOver = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodeTexts(texts: readonly string[]): Entries {
  const joined = texts.join("");
  const bytes = Buffer.from(joined, "utf8");
  const offsets = new Int32Array(texts.length + 1);
  if (bytes.length !== joined.length) return encodeWide(texts, offsets);
  let end = 0;
  for (let entry = 0; entry < texts.length; entry++) {
    end += (texts[entry] as string).length;
    offsets[entry + 1] = end;
  }
  return { offsets, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) };
}

function encodeWide(texts: readonly string[], offsets: Int32Array): Entries {
  let end = 0;
  for (let entry = 0; entry < texts.length; entry++) {
    end += Buffer.byteLength(texts[entry] as string, "utf8");
    offsets[entry + 1] = end;
  }
  const bytes = new Uint8Array(end);
  const target = bufferOver(bytes);
  for (let entry = 0; entry < texts.length; entry++) {
    target.write(texts[entry] as string, offsets[entry] as number, "utf8");
  }
  return { offsets, bytes };
}

/**
 * For texts that are read once: nothing keeps them. While one byte is one UTF-16 unit, entries are cut out of one decoded text; else
 * each is decoded by itself.
 */
export function decodeTexts({ offsets, bytes }: Entries): readonly string[] {
  const count = offsets.length - 1;
  const first = offsets[0] as number;
  const last = offsets[count] as number;
  const buffer = bufferOver(bytes);
  const whole = buffer.toString("utf8", first, last);
  const texts: string[] = [];
  if (whole.length !== last - first) {
    for (let entry = 0; entry < count; entry++)
      texts.push(buffer.toString("utf8", offsets[entry], offsets[entry + 1]));
    return texts;
  }
  for (let entry = 0; entry < count; entry++) {
    texts.push(
      whole.slice((offsets[entry] as number) - first, (offsets[entry + 1] as number) - first),
    );
  }
  return texts;
}

/** Decoded entries by the identity of their offsets, so that slices of a dictionary decode it once. */
const decoded = new WeakMap<
  Int32Array,
  { readonly bytes: Uint8Array; readonly texts: readonly string[] }
>();

/** The texts of all entries (of all rows, when the column has no codes); decoded once per dictionary. */
export function textsOf(column: StringColumn): readonly string[] {
  const known = decoded.get(column.offsets);
  if (known !== undefined && known.bytes === column.bytes) return known.texts;
  const texts = decodeTexts(column);
  decoded.set(column.offsets, { bytes: column.bytes, texts });
  return texts;
}

/** The text of one row, without decoding the others. */
export function textAt(column: StringColumn, row: number): string {
  const entry = column.codes === undefined ? row : (column.codes[row] as number);
  const known = decoded.get(column.offsets);
  if (known !== undefined && known.bytes === column.bytes) return known.texts[entry] as string;
  return bufferOver(column.bytes).toString(
    "utf8",
    column.offsets[entry],
    column.offsets[entry + 1],
  );
}
