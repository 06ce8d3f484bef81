import { expect, test } from "vitest";
import * as fc from "fast-check";
import {
  correctionsOf,
  correctionsText,
  mergeCorrections,
  NO_CORRECTIONS,
  readCorrections,
} from "./corrections.ts";

const row = { node: "A", input: "i1", file: "a.csv", line: 3 };
const corrected = (values: Record<string, string>, changes: object = {}) => ({
  corrected: [{ ...row, ...changes, values }],
  waived: [],
});
const waived = (rows: object = {}) => ({ corrected: [], waived: [{ ...row, ...rows }] });

test("the last decision about a row counts", () => {
  const first = corrected({ id: "1" });
  const second = corrected({ id: "2" });
  expect(mergeCorrections([first, second])).toEqual(second);
  expect(mergeCorrections([first, waived()])).toEqual(waived());
  expect(mergeCorrections([waived(), first])).toEqual(first);
  expect(mergeCorrections([NO_CORRECTIONS, first, NO_CORRECTIONS])).toEqual(first);
});

test("corrections of other cells of a row add up", () => {
  expect(mergeCorrections([corrected({ id: "1" }), corrected({ name: "a" })])).toEqual(
    corrected({ id: "1", name: "a" }),
  );
});

test("waiving all rows with a reason does not take a correction away", () => {
  const { line: _line, ...all } = { ...row, reason: "CELL_INVALID" };
  const rule = { corrected: [], waived: [all] };
  const both = mergeCorrections([corrected({ id: "1" }), rule]);
  expect(both.corrected).toHaveLength(1);
  expect(both.waived).toEqual([all]);
  expect(mergeCorrections([both, rule])).toEqual(both);
});

test("decisions concern one source of one node", () => {
  const all = mergeCorrections([
    corrected({ id: "9" }, { line: 9 }),
    corrected({ id: "1" }),
    corrected({ id: "2" }, { node: "B" }),
    corrected({ id: "3" }, { input: "i2" }),
    corrected({ id: "4" }, { file: "b.csv" }),
  ]);
  expect([...correctionsOf(all, row).corrected]).toEqual([
    [3, { id: "1" }],
    [9, { id: "9" }],
  ]);
});

test("a row is waived by its line, by its reason, or with all of its input", () => {
  const { line: _line, ...input } = row;
  const isWaived = (rows: object) =>
    correctionsOf({ corrected: [], waived: [{ ...input, ...rows }] }, row).isWaived;
  expect([isWaived({ line: 3 })(3, "X"), isWaived({ line: 3 })(4, "X")]).toEqual([true, false]);
  expect([isWaived({ reason: "X" })(3, "X"), isWaived({ reason: "X" })(3, "Y")]).toEqual([
    true,
    false,
  ]);
  expect(isWaived({})(3, "X")).toBe(true);
  expect(correctionsOf(NO_CORRECTIONS, row).isWaived(3, "X")).toBe(false);
});

test("the document holds what it was made of, and rows of older versions are read", () => {
  const at = {
    node: fc.constantFrom("A", "B"),
    input: fc.constantFrom("i1", "i2"),
    file: fc.constantFrom("a.csv", "b.csv"),
    line: fc.nat(5),
  };
  const place = fc.record(at);
  const values = fc.dictionary(fc.constantFrom("id", "name"), fc.string());
  const rows = fc.array(fc.record({ ...at, values }));
  fc.assert(
    fc.property(rows, fc.array(place), (all, left) => {
      const whole = mergeCorrections([
        { corrected: all, waived: [] },
        { corrected: [], waived: left },
      ]);
      const decided = { ...whole, decisions: [{ id: "d1" }, { id: "d2", node: "A" }] };
      expect(readCorrections(correctionsText(decided))).toEqual(decided);
      expect(readCorrections(correctionsText(whole))).toEqual(whole);
      expect(readCorrections(JSON.stringify(whole))).toEqual(whole);
      const expected = new Map(
        all.map(({ values: _values, ...of }) => [JSON.stringify(of), 0] as const),
      );
      for (const of of left) expected.delete(JSON.stringify(of));
      expect(whole.corrected).toHaveLength(expected.size);
    }),
  );
});
