import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "./csv-line.ts";
import { parseCsv } from "./parse-csv.ts";
import { readCorrections } from "./read-corrections.ts";

const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", " ", "é") });

test("what was written as CSV is read again", () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 })), (records) => {
      const read = parseCsv(records.map(csvLine).join(""));
      expect(read.map(({ cells }) => cells)).toEqual(records);
    }),
  );
});

test("records know their line; a byte order mark, blank lines and a last line without end are no trouble", () => {
  expect(parseCsv('\uFEFFa,b\r\n\r\n"x\ny",2\r\n,')).toEqual([
    { line: 1, cells: ["a", "b"] },
    { line: 3, cells: ["x\ny", "2"] },
    { line: 5, cells: ["", ""] },
  ]);
  expect(parseCsv("")).toEqual([]);
});

test("an edited export becomes rows, whatever the order of its columns", () => {
  const text = "r.id,decision,line,file,input,node,note\n7,waive,3,a.csv,i1,read,hm\n";
  expect(readCorrections(text)).toEqual([
    {
      at: 2,
      node: "read",
      input: "i1",
      file: "a.csv",
      line: 3,
      decision: "waive",
      values: { id: "7" },
    },
  ]);
});

test.each([
  ["", "the file has no column node, input, file, line"],
  ["node,file,line\n", "the file has no column input"],
  ["node,input,file,line\na,b\n", "line 2: 2 cells, the header has 4"],
])("%j is no export of rejected rows", (text, message) => {
  expect(() => readCorrections(text)).toThrow(message);
});
