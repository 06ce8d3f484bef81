/** The block step and the end of MurmurHash3 (public domain), in its 32-bit form and with a second set of constants. */
const FINAL_A = 0x85ebca6b;
const FINAL_B = 0xc2b2ae35;

/** Takes one more 32-bit word into a running hash; a different word always gives a different hash. */
export function mixWord(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Like mixWord, but independent of it. */
export function mixOther(hash: number, word: number): number {
  const spread = Math.imul(word, 0x38b34ae5);
  const mixed = hash ^ Math.imul((spread << 17) | (spread >>> 15), 0xa1e38b93);
  return (Math.imul((mixed << 15) | (mixed >>> 17), 5) + 0x96cd1c35) | 0;
}

/** Every input bit reaches every output bit. */
export function finishHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), FINAL_A);
  mixed = Math.imul(mixed ^ (mixed >>> 13), FINAL_B);
  return mixed ^ (mixed >>> 16);
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

/** The one to three bytes that are left. */
function lastWord(bytes: Uint8Array, from: number, end: number): number {
  let word = 0;
  for (let at = from, shift = 0; at < end; at++, shift += 8) word |= (bytes[at] as number) << shift;
  return word;
}

/**
 * 32-bit hash of bytes[start] up to bytes[end]. Fixed and part of the chunk format version: the same in every process,
 * for ever.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) hash = mixWord(hash, wordAt(bytes, at));
  if (at < end) hash = mixWord(hash, lastWord(bytes, at, end));
  return finishHash(hash ^ (end - start));
}

/** A second hash, independent of the first one. */
export function hashBytesOther(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) hash = mixOther(hash, wordAt(bytes, at));
  if (at < end) hash = mixOther(hash, lastWord(bytes, at, end));
  return finishHash(hash ^ (end - start));
}
