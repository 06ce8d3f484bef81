import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Dictionary } from "./dictionary.ts";
import { hashBytes } from "./hash-bytes.ts";
import { LARGE_BYTES } from "./page-bytes.ts";
import { textsOf } from "./texts.ts";

const entriesOf = (dictionary: Dictionary): readonly string[] =>
  textsOf({ type: "string", codes: undefined, ...dictionary.entries() });

test("a dictionary numbers distinct texts in order of appearance", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 3 })), (texts) => {
      const dictionary = new Dictionary();
      const codes = texts.map((text) => {
        const bytes = Buffer.from(`..${text}.`);
        return dictionary.add(bytes, 2, bytes.length - 1);
      });
      const distinct = [...new Set(texts)];
      expect(codes).toEqual(texts.map((text) => distinct.indexOf(text)));
      expect(entriesOf(dictionary)).toEqual(distinct);
      expect(dictionary.size).toBe(distinct.length);
    }),
  );
});

test("a dictionary grows with many and with long entries", () => {
  const texts = Array.from({ length: 3000 }, (_, entry) => `${entry} ${"x".repeat(entry % 700)}`);
  const dictionary = new Dictionary();
  const add = (text: string): number => {
    const bytes = Buffer.from(text);
    return dictionary.add(bytes, 0, bytes.length);
  };
  texts.forEach((text, entry) => expect(add(text)).toBe(entry));
  texts.forEach((text, entry) => expect(add(text)).toBe(entry));
  expect(entriesOf(dictionary)).toEqual(texts);
});

test("entries given out do not change when more are added", () => {
  const dictionary = new Dictionary();
  dictionary.add(Buffer.from("first"), 0, 5);
  const before = dictionary.entries();
  dictionary.add(Buffer.from("second"), 0, 6);
  expect(textsOf({ type: "string", codes: undefined, ...before })).toEqual(["first"]);
});

test.each([
  ["k15599", "k97211"],
  ["k2788", "k52430"],
])("a dictionary tells %s from %s, which have the same hash", (first, second) => {
  const [a, b] = [Buffer.from(first), Buffer.from(second)];
  expect(hashBytes(a, 0, a.length)).toBe(hashBytes(b, 0, b.length));
  const dictionary = new Dictionary();
  expect([
    dictionary.add(a, 0, a.length),
    dictionary.add(b, 0, b.length),
    dictionary.add(a, 0, a.length),
  ]).toEqual([0, 1, 0]);
});

test("a very long entry stays what it was when more are added", () => {
  const long = Buffer.alloc(LARGE_BYTES + 5, "y");
  const dictionary = new Dictionary();
  const add = (bytes: Uint8Array): number => dictionary.add(bytes, 0, bytes.length);
  add(long);
  const before = dictionary.entries();
  expect(add(Buffer.from("short"))).toBe(1);
  expect(add(long)).toBe(0);
  expect(before.bytes).toHaveLength(long.length);
  expect(Buffer.compare(before.bytes, long)).toBe(0);
});
