import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareUtf8, foldText } from "#pkg/value";

const fold = (text: string, length: number, ignoreCase = false): string =>
  foldText(text, { length, ignoreCase });

/** The reference's key as bytes: without accents, padded to `length` characters, the first `length` bytes. */
function keyOf(text: string, length: number): Uint8Array {
  const plain = text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC");
  const padded = plain + " ".repeat(Math.max(0, length - Array.from(plain).length));
  return new TextEncoder().encode(padded).slice(0, length);
}

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : Math.sign((a[at] as number) - (b[at] as number));
};

describe("the key text of a string", () => {
  test("has no accents, blanks up to its length and nothing beyond", () => {
    expect(fold("Malmö", 8)).toBe("Malmo   ");
    expect(fold("Malmö", 8)).toBe(fold("Malmo", 8));
    expect(fold("abc", 5)).toBe("abc  ");
    expect(fold("abcdef", 5)).toBe("abcde");
    expect(foldText("a", { ignoreCase: false })).toBe("a".padEnd(64));
  });

  test("is in capitals when case is ignored, one character for one", () => {
    expect(fold("straße", 8, true)).toBe("STRAßE ");
    expect(fold("abc", 4, true)).toBe("ABC ");
    expect(fold("ñandú", 6, true)).toBe("NANDU ");
    expect(fold("дом", 8, true)).toBe("ДОМ  ");
    expect(fold("ıſ", 6, true)).toBe("IS  ");
  });

  test("ends in U+FFFD when a character is cut in two and case is ignored", () => {
    expect(fold("abæ", 3, true)).toBe("AB\ufffd");
    expect(fold("abæ", 4, true)).toBe("ABÆ");
  });

  test("keeps the order of the reference's bytes where a character is cut in two", () => {
    expect(compareUtf8(fold("abæ", 3), fold("abз", 3))).toBe(-1);
    expect(fold("abæ", 3)).toBe(fold("abø", 3));
    expect(fold("a日", 3)).toBe(fold("a旧", 3));
    const unit = fc.constantFrom(
      "a",
      "z",
      " ",
      "é",
      "æ",
      "ø",
      "з",
      "日",
      "本",
      "\u0800",
      "\uffff",
      "😀",
      "𝒳",
      "\u{10ffff}",
    );
    const text = fc.string({ unit, maxLength: 6 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 12 }), (a, b, length) => {
        const order = compareBytes(keyOf(a, length), keyOf(b, length));
        expect(compareUtf8(fold(a, length), fold(b, length))).toBe(order);
      }),
      { numRuns: 2000 },
    );
  });
});
