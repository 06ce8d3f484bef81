import { finishHash, mixWord } from "./hash-bytes.ts";

const SEEDS = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
const LANES = 4;

/**
 * 32-bit checksum of 4-byte words, four lanes side by side for speed. Every change of one word, and so of up to 32
 * neighbouring bits inside it, is found with certainty. Part of the chunk format version.
 */
export function checksum(words: Int32Array): number {
  let [a, b, c, d] = SEEDS as readonly [number, number, number, number];
  const whole = words.length - (words.length % LANES);
  let at = 0;
  for (; at < whole; at += LANES) {
    a = mixWord(a, words[at] as number);
    b = mixWord(b, words[at + 1] as number);
    c = mixWord(c, words[at + 2] as number);
    d = mixWord(d, words[at + 3] as number);
  }
  for (; at < words.length; at++) a = mixWord(a, words[at] as number);
  return finishHash(mixWord(mixWord(mixWord(mixWord(words.length, a), b), c), d));
}
