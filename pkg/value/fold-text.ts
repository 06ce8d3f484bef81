import { upperCase } from "./upper-case.ts";
import { characterCount, utf8Length } from "./utf8.ts";

export interface FoldOptions {
  /** Length of the component in characters and bytes; absent = 64, as in the reference. */
  readonly length?: number | undefined;
  readonly ignoreCase: boolean;
}

const DEFAULT_LENGTH = 64;
const REPLACEMENT = "\ufffd";
const ASCII = /^[\0-\x7f]*$/;

/**
 * The reference's key text of a string (spec/script.md 5.3), for ordering only: without accents, padded with blanks
 * to `length` characters, cut to `length` bytes, in capitals if case is ignored. A character cut in two is
 * represented by the first character that begins with the bytes that are left (U+FFFD if case is ignored), so
 * `compareUtf8` of two results is the byte order of the reference's keys.
 */
export function foldText(
  text: string,
  { length = DEFAULT_LENGTH, ignoreCase }: FoldOptions,
): string {
  if (ASCII.test(text)) {
    const cut = text.padEnd(length).slice(0, length);
    return ignoreCase ? cut.toUpperCase() : cut;
  }
  const plain = text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC");
  const missing = length - characterCount(plain);
  const { whole, half } = cutBytes(missing > 0 ? plain + " ".repeat(missing) : plain, length);
  if (ignoreCase) return upperCase(whole) + (half === "" ? "" : REPLACEMENT);
  return whole + half;
}

interface Cut {
  readonly whole: string;
  /** What stands for the character that was cut in two; empty if there is none. */
  readonly half: string;
}

function cutBytes(text: string, length: number): Cut {
  let bytes = 0;
  let at = 0;
  for (const character of text) {
    const size = utf8Length(character);
    if (bytes + size > length) {
      const left = length - bytes;
      const half = left === 0 ? "" : firstWithPrefix(character, size, left);
      return { whole: text.slice(0, at), half };
    }
    bytes += size;
    at += character.length;
  }
  return { whole: text, half: "" };
}

/** Smallest code point by length of its UTF-8 form. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x1_0000] as const;

/** The first character of the same size whose UTF-8 form begins with the same `left` bytes. */
function firstWithPrefix(character: string, size: number, left: number): string {
  const missingBits = 6 * (size - left);
  const code = ((character.codePointAt(0) as number) >> missingBits) << missingBits;
  return String.fromCodePoint(Math.max(code, SMALLEST[size] as number));
}
