import type { Cursor } from "./hybrid.ts";

/** Byte arrays in one piece: entry e is bytes[offsets[e]] up to bytes[offsets[e + 1]]. */
export interface Texts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Byte arrays with their lengths in front of them. */
export function plainTexts({ bytes, at }: Cursor, count: number): Texts {
  if (at + count * 4 > bytes.length) throw new RangeError("it ends inside its texts");
  const target = new Uint8Array(bytes.length - at - count * 4);
  const offsets = new Int32Array(count + 1);
  let [from, end] = [at, 0];
  for (let entry = 0; entry < count; entry++) {
    const length =
      (bytes[from] as number) |
      ((bytes[from + 1] as number) << 8) |
      ((bytes[from + 2] as number) << 16) |
      ((bytes[from + 3] as number) << 24);
    from += 4;
    if (length < 0 || end + length > target.length)
      throw new RangeError("it ends inside its texts");
    if (length > 24) target.set(bytes.subarray(from, from + length), end);
    else for (let i = 0; i < length; i++) target[end + i] = bytes[from + i] as number;
    from += length;
    end += length;
    offsets[entry + 1] = end;
  }
  return { offsets, bytes: target };
}

export function joinTexts(parts: readonly Uint8Array[]): Texts {
  const offsets = new Int32Array(parts.length + 1);
  let end = 0;
  parts.forEach((part, entry) => {
    end += part.length;
    offsets[entry + 1] = end;
  });
  const bytes = new Uint8Array(end);
  parts.forEach((part, entry) => bytes.set(part, offsets[entry]));
  return { offsets, bytes };
}
