import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { decodeChunk } from "./decode-chunk.ts";
import { encodeChunk } from "./encode-chunk.ts";
import { sliceRowset } from "./rowset.ts";
import { contentOf, otherForm, rowsetArbitrary } from "./test-support/arbitrary-rowset.ts";
import { ValueHash } from "./value-hash.ts";
import { columnFrom } from "./values.ts";

function hashOf(...rowsets: readonly Rowset[]): string {
  const hash = new ValueHash();
  for (const rowset of rowsets) hash.update(rowset);
  return hash.digest();
}

const one = (column: Column, rows: number, name = "f"): Rowset => ({
  rows,
  columns: new Map([[name, column]]),
});

const floats = (...values: number[]): Rowset => one(columnFrom("float", values), values.length);
const texts = (...values: string[]): Rowset => one(columnFrom("string", values), values.length);

test("the value hash does not depend on how rows are cut into rowsets", () => {
  fc.assert(
    fc.property(rowsetArbitrary, fc.nat(40), fc.nat(40), (rowset, a, b) => {
      const [from, to] = [Math.min(a, b, rowset.rows), Math.min(Math.max(a, b), rowset.rows)];
      const parts = [
        sliceRowset(rowset, 0, from),
        sliceRowset(rowset, from, to),
        sliceRowset(rowset, to, rowset.rows),
      ];
      expect(hashOf(...parts)).toBe(hashOf(rowset));
    }),
  );
});

test("the value hash does not depend on the form of columns, their order, or storage", () => {
  fc.assert(
    fc.property(rowsetArbitrary, (rowset) => {
      const other = Array.from(
        rowset.columns,
        ([name, column]) => [name, otherForm(column)] as const,
      );
      expect(hashOf({ rows: rowset.rows, columns: new Map(other.toReversed()) })).toBe(
        hashOf(rowset),
      );
      expect(hashOf(decodeChunk(encodeChunk(rowset)))).toBe(hashOf(rowset));
    }),
  );
});

test("texts by the codes of a dictionary hash as the same texts without one", () => {
  const column = columnFrom("string", ["b", "", "größer"]) as StringColumn;
  const codes = Int32Array.of(2, 0, 0, 1, 2);
  const coded: Column = { ...column, codes };
  expect(hashOf(one(coded, codes.length))).toBe(hashOf(texts("größer", "b", "b", "", "größer")));
  const few: Column = { ...column, codes: Int32Array.of(2) };
  expect(hashOf(one(few, 1))).toBe(hashOf(texts("größer")));
});

test("different rows have different value hashes", () => {
  fc.assert(
    fc.property(rowsetArbitrary, rowsetArbitrary, (a, b) => {
      fc.pre(
        a.rows !== b.rows ||
          JSON.stringify(contentOf(a), plain) !== JSON.stringify(contentOf(b), plain),
      );
      expect(hashOf(a)).not.toBe(hashOf(b));
    }),
  );
});

const plain = (_: string, value: unknown): unknown =>
  typeof value === "bigint" || typeof value === "number" ? String(value) : value;

test("the value hash has one zero and one NaN", () => {
  const bits = new BigUint64Array([0x7ff8000000000001n]);
  const otherNaN = one({ type: "float", values: new Float64Array(bits.buffer) }, 1);
  expect(hashOf(floats(-0))).toBe(hashOf(floats(0)));
  expect(hashOf(otherNaN)).toBe(hashOf(floats(Number.NaN)));
  expect(hashOf(floats(Infinity))).not.toBe(hashOf(floats(Number.NaN)));
});

test("the value hash sees order, borders of texts, names, types and the number of rows", () => {
  const hashes = [
    hashOf(),
    hashOf(texts()),
    hashOf(texts("ab", "c")),
    hashOf(texts("a", "bc")),
    hashOf(texts("c", "ab")),
    hashOf(floats(1, 2)),
    hashOf(floats(2, 1)),
    hashOf(one(columnFrom("int", [1n, 2n]), 2)),
    hashOf(one(columnFrom("int", [1n, 2n]), 2, "g")),
    hashOf({ rows: 1, columns: new Map() }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("the value hash is fixed for ever", () => {
  const rowset: Rowset = {
    rows: 2,
    columns: new Map<string, Column>([
      ["i", columnFrom("int", [1n, -(2n ** 62n)])],
      ["f", columnFrom("float", [1.5, -0.25])],
      ["s", columnFrom("string", ["grün", "a longer text"])],
      ["b", columnFrom("bool", [true, false])],
      ["t", { type: "datetime", values: Float64Array.of(0, -1) }],
      ["d", { type: "decimal2", values: Float64Array.of(100, -1) }],
    ]),
  };
  expect(hashOf(rowset)).toMatchInlineSnapshot(`"6dfbba0e63fd59c2"`);
});
