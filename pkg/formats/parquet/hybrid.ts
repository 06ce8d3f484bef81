/** Bytes with a position. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const byteAt = ({ bytes }: Cursor, at: number): number => {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError(`it ends at byte ${at} of a page`);
  return byte;
};

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = byteAt(cursor, cursor.at++);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new RangeError("a run length has more than five bytes");
}

/**
 * Run lengths and bit-packed groups of values of `width` bits, into `output` as far as it goes. Both kinds of run may be longer than
 * what is wanted; bytes that are missing are an error.
 */
export function readHybrid(cursor: Cursor, width: number, output: Int32Array | Uint8Array): void {
  if (width > 32) throw new RangeError(`values of ${width} bits`);
  for (let seen = 0; seen < output.length;) {
    const header = readVarint(cursor);
    const count = Math.floor(header / 2);
    if (header % 2 === 0) {
      if (count === 0) throw new RangeError("a run of no values");
      const end = Math.min(output.length, seen + count);
      output.fill(readValue(cursor, width), seen, end);
      seen = end;
    } else {
      if (count === 0) throw new RangeError("a group of no values");
      seen = readPacked(cursor, { width, groups: count }, output, seen);
    }
  }
}

function readValue(cursor: Cursor, width: number): number {
  let value = 0;
  for (let shift = 0; shift < width; shift += 8) value |= byteAt(cursor, cursor.at++) << shift;
  return value;
}

function readPacked(
  cursor: Cursor,
  { width, groups }: { readonly width: number; readonly groups: number },
  output: Int32Array | Uint8Array,
  seen: number,
): number {
  const end = Math.min(output.length, seen + groups * 8);
  const { bytes } = cursor;
  if (cursor.at + Math.ceil(((end - seen) * width) / 8) > bytes.length)
    throw new RangeError("it ends inside packed values");
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  let [at, bits, held] = [cursor.at, 0, 0];
  for (let row = seen; row < end; row++) {
    while (held < width) {
      // Up to 7 + 32 bits are held, more than bit operations take.
      bits += (bytes[at++] as number) * 2 ** held;
      held += 8;
    }
    output[row] = width === 32 ? bits % 2 ** 32 : bits & mask;
    bits = held > 31 ? Math.floor(bits / 2 ** width) : bits >>> width;
    held -= width;
  }
  cursor.at += groups * width;
  return end;
}
