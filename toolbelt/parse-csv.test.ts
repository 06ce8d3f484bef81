import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "./csv-line.ts";
import { CsvParser, parseCsv } from "./parse-csv.ts";
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

test("a text that comes in pieces, cut anywhere, has the same records", () => {
  const text = fc
    .array(fc.constantFrom("a", ",", '"', '""', '"b"', "\n", "\r\n", "é"), { maxLength: 30 })
    .map((parts) => parts.join(""));
  const isClosed = (whole: string): boolean => !/"/.test(whole.replaceAll(QUOTED, "$1"));
  fc.assert(
    fc.property(text.filter(isClosed), fc.integer({ min: 1, max: 4 }), (whole, size) => {
      const parser = new CsvParser();
      const records = [];
      for (let at = 0; at < whole.length; at += size)
        records.push(...parser.push(whole.slice(at, at + size)));
      expect([...records, ...parser.end()]).toEqual(parseCsv(whole));
    }),
  );
});

const QUOTED = /(^|,|\n)"(?:[^"]|"")*"(?=,|\r?\n|$)/g;

const linesOf = async (text: string) => {
  const rows = [];
  for await (const piece of readCorrections([text])) rows.push(...piece);
  return rows;
};

test("an edited export becomes rows, whatever the order of its columns", async () => {
  const text = "r.id,decision,line,file,input,node,note\n7,waive,3,a.csv,i1,read,hm\n";
  expect(await linesOf(text)).toEqual([
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
  ["node,input,file,line\na,b\rc,d,e\n", "line 2: a carriage return ends no line"],
  ["node,input,file,line\na,b\n", "line 2: 2 cells, the header has 4"],
])("%j is no export of rejected rows", async (text, message) => {
  await expect(linesOf(text)).rejects.toThrow(message);
});
