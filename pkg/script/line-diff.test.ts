import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lineDiff } from "./line-diff.ts";

test("a changed line is shown between its neighbours, and far changes apart", () => {
  const before = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const after = before.with(1, "B").with(7, "H").toSpliced(8, 0, "new");
  expect(lineDiff(before.join("\n"), after.join("\n"))).toBe(
    ["  a", "- b", "+ B", "  c", "  d", "…", "  f", "  g", "- h", "+ H", "+ new", "  i"].join("\n"),
  );
});

test("equal texts have no difference", () => {
  expect(lineDiff("a\nb", "a\nb")).toBe("");
});

test("texts that have next to nothing in common are shown as replaced", () => {
  const lines = (word: string): string =>
    Array.from({ length: 1001 }, (_, at) => `${word} ${at}`).join("\n");
  const diff = lineDiff(lines("old"), lines("new")).split("\n");
  expect(diff).toHaveLength(2002);
  expect(diff[0]).toBe("- old 0");
});

test("what is kept and added is the new text, what is kept and removed the old one", () => {
  const texts = fc
    .array(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 5 })
    .map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const lines = lineDiff(before, after).split("\n");
      const side = (sign: string): string[] =>
        lines.filter((line) => line[0] === sign).map((line) => line.slice(2));
      const counts = (words: readonly string[]) =>
        ["x", "y", "z"].map((word) => words.filter((one) => one === word).length);
      const [left, right] = [counts(before.split("\n")), counts(after.split("\n"))];
      const [gone, come] = [counts(side("-")), counts(side("+"))];
      expect(left.map((count, at) => count - (gone[at] as number))).toEqual(
        right.map((count, at) => count - (come[at] as number)),
      );
    }),
  );
});
