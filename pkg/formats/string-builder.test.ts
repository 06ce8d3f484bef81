import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LARGE_BYTES, valueAt, type StringColumn, type Vector } from "#pkg/rowset";
import { newTextMemory, StringBuilder } from "./string-builder.ts";
import { firstInvalidUtf8 } from "./utf8.ts";

const encoder = new TextEncoder();

function add(builder: StringBuilder, row: number, text: string): void {
  const bytes = encoder.encode(`<${text}>`);
  builder.cell(bytes, 1, bytes.length - 1, row);
}

function fill(builder: StringBuilder, texts: readonly string[]): Vector {
  builder.begin(texts.length);
  texts.forEach((text, row) => add(builder, row, text));
  return builder.finish(texts.length);
}

const textsIn = (vector: Vector, rows: number): unknown[] =>
  Array.from({ length: rows }, (_, row) => valueAt(vector, row));

const numbered = (count: number, distinct: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    i % 11 === 0 ? "" : `${"é".repeat(i % 50)}${i % distinct}`,
  );

test("blocks of one column keep their texts while the column goes from coded to plain and stays so", () => {
  const builder = new StringBuilder(String, "none", false);
  const blocks = [numbered(3000, 40), numbered(20_000, 1e9), numbered(500, 5), numbered(9, 9)];
  const vectors = blocks.map((texts) => fill(builder, texts));
  blocks.forEach((texts, i) => {
    const wanted = texts.map((text) => (text === "" ? "none" : text));
    expect(textsIn(vectors[i] as Vector, texts.length)).toEqual(wanted);
  });
  expect(vectors.map((vector) => (vector as StringColumn).codes !== undefined)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a large dictionary stays while it pays", () => {
  const builder = new StringBuilder(String, "", false);
  const texts = Array.from({ length: 60_000 }, (_, i) =>
    i % 3 === 0 ? `k${(i / 3) % 10_000}` : "same",
  );
  const vector = fill(builder, texts);
  expect(textsIn(vector, texts.length)).toEqual(texts);
  expect((vector as StringColumn).offsets.length).toBe(10_002);
});

test("a block of different texts is spelled out at its end", () => {
  const texts = Array.from({ length: 2000 }, (_, i) => `k${i}`);
  const vector = fill(new StringBuilder(String, "", false), texts);
  expect((vector as StringColumn).codes).toBeUndefined();
  expect(textsIn(vector, texts.length)).toEqual(texts);
});

test("what does not repeat is plain from the first row of the next file, and the same texts", () => {
  const memory = newTextMemory();
  const texts = Array.from({ length: 2000 }, (_, i) => `k${i}`);
  const first = fill(new StringBuilder(String, "", false, memory), texts);
  const next = new StringBuilder(String, "", false, memory);
  expect(next.plain).toBe(true);
  expect(textsIn(fill(next, texts), texts.length)).toEqual(textsIn(first, texts.length));
});

test("plain columns refuse broken UTF-8 and cells over 64 MB", () => {
  const builder = new StringBuilder(String, "", false);
  fill(
    builder,
    Array.from({ length: 2000 }, (_, i) => `k${i}`),
  );
  builder.begin(1);
  expect(builder.scan(Uint8Array.of(97, 0xff, 44), 0, 44, 0)).toBe(-1);
  expect(() => builder.cell(Uint8Array.of(97, 0xff), 0, 2, 0)).toThrow("UTF-8");
  const huge = new Uint8Array(64 * 1024 * 1024 + 1).fill(97);
  expect(() => builder.cell(huge, 0, huge.length, 0)).toThrow("64 MB");
});

test("UTF-8 is valid exactly when a strict decoder takes it", () => {
  const strict = new TextDecoder("utf-8", { fatal: true });
  const bytes = fc.constantFrom(
    0x41,
    0x80,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xed,
    0xef,
    0xf0,
    0xf1,
    0xf4,
    0xf5,
    0x8f,
    0x90,
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (list) => {
      const text = Uint8Array.from(list);
      const at = firstInvalidUtf8(text, 0, text.length);
      const wellFormed = at < 0 ? text : text.subarray(0, at);
      expect(() => strict.decode(wellFormed)).not.toThrow();
      if (at >= 0) expect(() => strict.decode(text)).toThrow(TypeError);
    }),
    { numRuns: 5000 },
  );
});

test("a text of megabytes does not stay in the dictionary with the blocks that follow", () => {
  const builder = new StringBuilder(String, "", false);
  const long = "y".repeat(LARGE_BYTES + 1);
  const first = fill(builder, ["a", long, "a", "b"]) as StringColumn;
  const second = fill(builder, ["b", "a"]);
  expect(first.codes).toEqual(Int32Array.of(0, 1, 0, 2));
  expect(textsIn(first, 4)).toEqual(["a", long, "a", "b"]);
  expect(textsIn(second, 2)).toEqual(["b", "a"]);
});
