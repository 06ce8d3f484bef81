import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchEdits, type EditedRow, type Match } from "./match-edits.ts";
import type { UndecidedRow } from "./rejected.ts";
import { RowBits } from "./row-bits.ts";

const row = (line: number): UndecidedRow => ({
  node: "read",
  batch: 0,
  input: "i1",
  file: "a.csv",
  line,
  column: "id",
  value: "x",
  reason: "CELL_INVALID",
  message: "",
  values: {},
  isWaived: false,
});

const edit = (line: number, at: number): EditedRow => ({
  at,
  node: "read",
  input: "i1",
  file: "a.csv",
  line,
  decision: "waive",
  values: {},
});

/** In pieces of two and none. */
async function* pieces<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let at = 0; at < items.length; at += 2) {
    yield await Promise.resolve([]);
    yield items.slice(at, at + 2);
  }
}

/** Everything that was found and missed, and how often the rejected rows were opened. */
async function matched(rejected: readonly number[], edited: readonly number[], lines: number) {
  const window = { lines, unordered: 2 * lines };
  let opened = 0;
  const open = (): AsyncGenerator<readonly UndecidedRow[]> => {
    opened += 1;
    return pieces(rejected.map(row));
  };
  const found: [number, number][] = [];
  const missing: number[] = [];
  const edits = pieces(edited.map((line, at) => edit(line, at)));
  const take = ({ row: { line }, ordinal, edits }: Match): void => {
    expect(line).toBe(rejected[ordinal]);
    for (const { at } of edits) found.push([at, line]);
  };
  for await (const part of matchEdits(open, edits, { take, window }))
    missing.push(...part.missing.map(({ at }) => at));
  return { found: found.toSorted(([a], [b]) => a - b), missing, opened };
}

test("every edited line meets its rejected row, in whatever order, and lines without one are missing", async () => {
  const numbers = fc.array(fc.nat(30), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      numbers,
      numbers,
      fc.integer({ min: 1, max: 5 }),
      async (some, lines, window) => {
        const rejected = some.toSorted((a, b) => a - b);
        const { found, missing } = await matched(rejected, lines, window);
        const known = lines.flatMap((line, at): [number, number][] =>
          rejected.includes(line) ? [[at, line]] : [],
        );
        expect(found).toEqual(known);
        expect(missing.toSorted((a, b) => a - b)).toEqual(
          lines.flatMap((line, at) => (rejected.includes(line) ? [] : [at])),
        );
      },
    ),
  );
});

test("P8: lines in the order of the export need one walk through the rejected rows, whatever was deleted of them", async () => {
  const rejected = [1, 2, 2, 3, 5, 8, 13, 21];
  expect((await matched(rejected, rejected, 2)).opened).toBe(1);
  expect((await matched(rejected, [2, 2, 8, 21], 1)).opened).toBe(1);
  expect((await matched(rejected, [21, 1], 1)).opened).toBe(2);
});

test("a set of row numbers grows with the highest", () => {
  const bits = new RowBits();
  for (const at of [0, 7, 8, 9_000, 1_000_000]) bits.add(at);
  const known = [0, 1, 7, 8, 9, 8999, 9000, 999_999, 1_000_000, 5_000_000];
  expect(known.filter((at) => bits.has(at))).toEqual([0, 7, 8, 9000, 1_000_000]);
});
