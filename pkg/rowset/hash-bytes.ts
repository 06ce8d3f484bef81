const MULTIPLIER = 0x9e3779b1;
const FINAL_A = 0x85ebca6b;
const FINAL_B = 0xc2b2ae35;

/**
 * 32-bit hash of bytes[start] up to bytes[end]. Fixed and part of the chunk format version: the same in every process,
 * for ever. Different seeds give independent hashes.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(((hash << 13) | (hash >>> 19)) ^ word, MULTIPLIER);
  }
  for (; at < end; at++)
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ (bytes[at] as number), MULTIPLIER);
  return finishHash(hash);
}

/** Every input bit reaches every output bit. */
export function finishHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), FINAL_A);
  mixed = Math.imul(mixed ^ (mixed >>> 13), FINAL_B);
  return mixed ^ (mixed >>> 16);
}

/** Takes one more 32-bit word into a running hash; a different word always gives a different hash. */
export const mixWord = (hash: number, word: number): number =>
  Math.imul(((hash << 13) | (hash >>> 19)) ^ word, MULTIPLIER);
