import { expect, test } from "vitest";
import { linesOf, steady, stepsOf, withPrinted } from "./support/transcript.ts";

const document = [
  "Text",
  "```console",
  "$ one",
  "first",
  "second",
  "$ two |",
  ">   three",
  "```",
  "and",
  "```console",
  "$ four",
  "old",
  "```",
  "",
].join("\n");

test("a transcript has its steps in order, with commands of several lines", () => {
  expect(stepsOf(document)).toEqual([
    { command: "one", printed: "first\nsecond\n" },
    { command: "two |\n  three", printed: "" },
    { command: "four", printed: "old\n" },
  ]);
});

test("what was printed takes the place of what stood there, nothing else changes", () => {
  expect(withPrinted(document, ["first\nsecond\n", "", "old\n"])).toBe(document);
  expect(withPrinted(document, ["first\nsecond\n", "", "new $1\n"])).toBe(
    document.replace("old", () => "new $1"),
  );
});

test("folder, moments, durations and hashes become the same words", () => {
  const first = `in 0.27 s at 2026-11-25T23:14:38.689Z from /tmp/a/out/x.csv ${"0a".repeat(32)}`;
  const second = `in 12.07 s at 2027-01-01T00:00:00.000Z from /var/b/out/x.csv ${"1f".repeat(32)}`;
  expect(steady(first, { folder: "/tmp/a" })).toBe(steady(second, { folder: "/var/b" }));
  for (const time of ["in 0.27 s", "in 12 s", "in 3 min 5 s"])
    expect(steady(time, { folder: "/tmp/a" })).toBe("in 0.05 s\n");
  expect(steady("10 rows, 0.50 of them", { folder: "/tmp/a" })).toBe("10 rows, 0.50 of them\n");
});

test("lines are compared without the width of columns and the order in which nodes report", () => {
  expect(linesOf("a    b\nr: 1\ns: 2\nend\n")).toEqual(linesOf("a  b\ns: 2\nr: 1\nend\n"));
  expect(linesOf("r: 1\n")).not.toEqual(linesOf("r: 2\n"));
  expect(linesOf("r: 1\nend\n")).not.toEqual(linesOf("end\nr: 1\n"));
  expect(linesOf("1,a\n2,b\n")).not.toEqual(linesOf("2,b\n1,a\n"));
});
