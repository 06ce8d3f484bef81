/** The bytes that the record rules look at. */
export const LF = 10;
export const CR = 13;
export const QUOTE = 34;
export const COMMA = 44;

/** Largest cell that is accepted, in bytes. */
export const MAX_CELL = 64 * 1024 * 1024;

/** Readable bytes behind the sentinel of a buffer, so that fixed-width cells may be looked at without bounds checks. */
export const PADDING = 64;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const SHORT = 24;

/** Text of a byte range; broken UTF-8 becomes replacement characters. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT) return decoder.decode(bytes.subarray(from, to));
  let text = "";
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte > 127) return decoder.decode(bytes.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}

export function countByte(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let count = 0;
  for (let i = bytes.indexOf(byte, from); i >= 0 && i < to; i = bytes.indexOf(byte, i + 1)) count++;
  return count;
}

/** Position of the first quote or CR from `from`, at most `end`. */
export function quoteOrReturn(bytes: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && bytes[p] !== QUOTE && bytes[p] !== CR) p++;
  return p;
}

/** Position of the first separator or line feed from `from`; there must be one. */
export function separatorOrFeed(bytes: Uint8Array, from: number, separator: number): number {
  let p = from;
  while (bytes[p] !== separator && bytes[p] !== LF) p++;
  return p;
}
