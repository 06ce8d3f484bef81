const continuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

/** Smallest and largest second byte of a sequence that begins with `lead`: no overlong forms, no surrogates, at most U+10FFFF. */
function secondFits(lead: number, second: number | undefined): boolean {
  if (second === undefined || !continuation(second)) return false;
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  if (lead === 0xf4) return second <= 0x8f;
  return true;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function sequenceFits(bytes: Uint8Array, at: number, length: number, to: number): boolean {
  if (length === 0 || at + length > to) return false;
  if (length > 1 && !secondFits(bytes[at] as number, bytes[at + 1])) return false;
  for (let i = 2; i < length; i++) if (!continuation(bytes[at + i])) return false;
  return true;
}

/** Position of the first byte that does not belong to well-formed UTF-8, -1 when there is none. */
export function firstInvalidUtf8(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (!sequenceFits(bytes, at, length, to)) return at;
    at += length;
  }
  return -1;
}
