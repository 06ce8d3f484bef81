import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareUtf8, utf8Length } from "#pkg/value";
import { characterCount, firstCharacters } from "./utf8.ts";

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: "binary", maxLength: 2 }), fc.constant("a")),
});
const encoder = new TextEncoder();

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  if (at < 0) return a.length === b.length ? 0 : -1;
  return at < b.length && (a[at] as number) < (b[at] as number) ? -1 : 1;
}

describe("texts as UTF-8", () => {
  test("order is that of the bytes", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (a, b, startsAlike) => {
        const other = startsAlike ? a + b : b;
        expect(compareUtf8(a, other)).toBe(compareBytes(encoder.encode(a), encoder.encode(other)));
      }),
      { numRuns: 500 },
    );
    expect(compareUtf8("\uff00", "😀")).toBe(-1);
    expect(compareUtf8("😀", "\uff00")).toBe(1);
    expect(compareUtf8("é", "z")).toBe(1);
    expect(compareUtf8("ab", "a")).toBe(1);
  });

  test("length is that of the bytes", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(utf8Length(value)).toBe(encoder.encode(value).length);
      }),
    );
    expect(utf8Length("héllo")).toBe(6);
    expect(utf8Length("\ud800")).toBe(3);
  });

  test("characters are code points", () => {
    fc.assert(
      fc.property(text, fc.nat(20), (value, count) => {
        expect(characterCount(value)).toBe(Array.from(value).length);
        expect(firstCharacters(value, count)).toBe(Array.from(value).slice(0, count).join(""));
      }),
    );
  });
});
