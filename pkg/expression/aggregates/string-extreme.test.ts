import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowReader } from "../columns/read-operand.ts";
import type { Operand } from "../columns/operand.ts";
import { StringExtreme } from "./string-extreme.ts";

const GROUPS = 3;
const texts = fc.constantFrom("", "a", "b", "ba", "\u{e9}", "\u{ffff}", "\u{10000}", "zz");
const blocks = fc.array(
  fc.array(fc.record({ group: fc.nat({ max: GROUPS - 1 }), text: texts }), { maxLength: 8 }),
  { maxLength: 5 },
);

type Row = { readonly group: number; readonly text: string };

const plain = (rows: readonly Row[]): Operand => ({
  form: "texts",
  codes: undefined,
  texts: rows.map(({ text }) => text),
  column: undefined,
});

/** A dictionary with repeated and unused entries. */
const coded = (rows: readonly Row[]): Operand => ({
  form: "texts",
  codes: Int32Array.from(rows, (_, row) => rows.length - row),
  texts: ["unused", ...rows.map(({ text }) => text).toReversed()],
  column: undefined,
});

function best(
  input: readonly (readonly Row[])[],
  direction: 1 | -1,
  form: (block: number) => (rows: readonly Row[]) => Operand,
): readonly unknown[] {
  const state = new StringExtreme(1, direction);
  state.grow(GROUPS);
  for (const [at, rows] of input.entries()) {
    const groups = Int32Array.from(rows, ({ group }) => group);
    state.add({ groups, rows: rows.length, value: form(at)(rows) });
  }
  const read = rowReader(state.results());
  return Array.from({ length: GROUPS }, (_, group) => read(group));
}

describe("least and greatest texts", () => {
  test.each([1, -1] as const)("are the same for codes and texts, direction %d", (direction) => {
    fc.assert(
      fc.property(blocks, fc.nat({ max: 5 }), (input, firstPlain) => {
        const expected = best(input, direction, () => plain);
        expect(best(input, direction, () => coded)).toEqual(expected);
        const mixed = (block: number) => (block < firstPlain ? coded : plain);
        expect(best(input, direction, mixed)).toEqual(expected);
      }),
    );
  });

  test("more distinct texts than are ranked", () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => ({ group: 0, text: `t${at}` }));
    const input = [rows.slice(0, 5000), rows.slice(5000)];
    expect(best(input, 1, () => coded)).toEqual(["t0", "", ""]);
    expect(best(input, -1, () => coded)).toEqual(["t9999", "", ""]);
  });

  test("groups that come up after that begin without a text", () => {
    const state = new StringExtreme(1, 1);
    state.add({ groups: Int32Array.of(0), rows: 1, value: plain([{ group: 0, text: "m" }]) });
    state.grow(2);
    const later = [
      { group: 1, text: "z" },
      { group: 0, text: "n" },
    ];
    state.add({ groups: Int32Array.of(1, 0), rows: 2, value: coded(later) });
    const read = rowReader(state.results());
    expect([read(0), read(1)]).toEqual(["m", "z"]);
  });
});
