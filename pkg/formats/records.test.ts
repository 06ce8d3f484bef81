import * as fc from "fast-check";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { textsOf, type StringColumn } from "#pkg/rowset";
import { readCsv, scanCsvRanges, type CsvReader } from "./index.ts";
import { memoryFile } from "./memory-file.ts";

/** Columns c0, c1… of strings, found by index. */
const textReader = (width: number, separator = ","): CsvReader => ({
  separator,
  headerIndex: -1,
  firstDataIndex: 0,
  byHeader: false,
  columns: Array.from({ length: width }, (_, index) => ({
    name: `c${index}`,
    type: "string" as const,
    header: "",
    index,
    format: "",
    defaultText: "",
  })),
});

interface SlowRecord {
  readonly line: number;
  readonly cells: string[];
}

/** Lines with their line feed; CR LF is LF, a CR at the end of the file is dropped. */
function slowLines(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  if (lines.at(-1)?.endsWith("\r") === true)
    lines[lines.length - 1] = (lines.at(-1) ?? "").slice(0, -1);
  return lines.map((line) => line.replace(/\r\n$/, "\n"));
}

/** The record rules of script.md 3.2 (Go encoding/csv with LazyQuotes), line by line. */
class SlowReader {
  readonly records: SlowRecord[] = [];
  readonly #lines: string[];
  readonly #separator: string;
  #number = 0;
  /** What is left of the line at hand. */
  #line = "";

  constructor(text: string, separator: string) {
    this.#lines = slowLines(text);
    this.#separator = separator;
    while (this.#next()) {
      const line = this.#number;
      if (!this.#atEnd()) this.records.push({ line, cells: this.#cells() });
    }
  }

  #next(): boolean {
    if (this.#number >= this.#lines.length) return false;
    this.#line = this.#lines[this.#number++] as string;
    return true;
  }

  #atEnd(): boolean {
    return this.#line === "" || this.#line === "\n";
  }

  #cells(): string[] {
    const cells: string[] = [];
    for (let more = true; more;) {
      const [cell, goesOn] = this.#line.startsWith('"') ? this.#quotedCell() : this.#plainCell();
      cells.push(cell);
      more = goesOn;
    }
    return cells;
  }

  /** A cell, and whether another one follows. */
  #plainCell(): [string, boolean] {
    const at = this.#line.indexOf(this.#separator);
    if (at < 0) return [this.#line.replace(/\n$/, ""), false];
    const cell = this.#line.slice(0, at);
    this.#line = this.#line.slice(at + 1);
    return [cell, true];
  }

  #quotedCell(): [string, boolean] {
    this.#line = this.#line.slice(1);
    for (let cell = ""; ;) {
      const at = this.#line.indexOf('"');
      if (at < 0) {
        cell += this.#line;
        if (!this.#next()) return [cell, false];
        continue;
      }
      cell += this.#line.slice(0, at);
      this.#line = this.#line.slice(at + 1);
      if (this.#atEnd()) return [cell, false];
      if (this.#line.startsWith(this.#separator)) {
        this.#line = this.#line.slice(1);
        return [cell, true];
      }
      if (this.#line.startsWith('"')) this.#line = this.#line.slice(1);
      cell += '"';
    }
  }
}

const slowRecords = (text: string, separator: string): SlowRecord[] =>
  new SlowReader(text, separator).records;

interface Outcome {
  readonly records: SlowRecord[];
  /** Line and number of cells of the first record of another width. */
  readonly ragged: readonly [line: number, cells: number] | undefined;
}

function slowOutcome(text: string, separator: string): Outcome {
  const all = slowRecords(text, separator);
  const width = all[0]?.cells.length ?? 0;
  const bad = all.findIndex(({ cells }) => cells.length !== width);
  if (bad < 0) return { records: all, ragged: undefined };
  const { line, cells } = all[bad] as SlowRecord;
  return { records: all.slice(0, bad), ragged: [line, cells.length] };
}

interface Variant {
  readonly separator?: string;
  readonly scanner?: "generated" | "closures";
  readonly blockBytes?: number;
  readonly blockRows?: number;
  readonly rangeSize?: number;
  readonly columns?: readonly string[];
}

async function* blocksOf(bytes: Uint8Array, reader: CsvReader, variant: Variant) {
  const { rangeSize, ...rest } = variant;
  const options = { file: memoryFile(bytes), url: "x.csv", node: "n", reader, ...rest };
  if (rangeSize === undefined) yield* readCsv(options);
  else
    for (const range of await scanCsvRanges(options.file, reader, rangeSize))
      yield* readCsv({ ...options, range });
}

async function fastOutcome(text: string, width: number, variant: Variant): Promise<Outcome> {
  const records: SlowRecord[] = [];
  try {
    for await (const block of blocksOf(
      new TextEncoder().encode(text),
      textReader(width, variant.separator),
      variant,
    )) {
      const columns = [...block.columns.values()].map((column) => textsOf(column as StringColumn));
      const codes = [...block.columns.values()].map((column) => (column as StringColumn).codes);
      for (let row = 0; row < block.rows; row++) {
        const cells = columns.map((texts, i) => texts[codes[i]?.[row] ?? row] as string);
        records.push({ line: block.lineOf(row), cells });
      }
    }
  } catch (error) {
    if (!isFault(error) || error.code !== "RECORD_INVALID") throw error;
    return { records, ragged: [error.facts["line"] as number, error.facts["found"] as number] };
  }
  return { records, ragged: undefined };
}

const wildText = fc
  .array(fc.constantFrom('"', '"', ",", ",", "\n", "\n", "\r", "\r\n", "a", "b", " ", "é", ";"), {
    maxLength: 40,
  })
  .map((parts) => parts.join(""));

const variants: fc.Arbitrary<Variant> = fc.record(
  {
    scanner: fc.constantFrom("generated" as const, "closures" as const),
    separator: fc.constantFrom(",", ";"),
    blockBytes: fc.integer({ min: 1, max: 50 }),
    blockRows: fc.integer({ min: 1, max: 5 }),
    rangeSize: fc.integer({ min: 1, max: 30 }),
  },
  { requiredKeys: ["separator"] },
);

test("any bytes give the records, lines and ragged faults of the slow reading, whatever the blocks and ranges", async () => {
  await fc.assert(
    fc.asyncProperty(wildText, variants, async (text, variant) => {
      const expected = slowOutcome(text, variant.separator ?? ",");
      const width = expected.records[0]?.cells.length ?? 1;
      expect(await fastOutcome(text, width, variant)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

const WELL_FORMED: readonly string[][] = [
  ["a", "b,c", 'd"e'],
  ["", "x\ny", "  z "],
  ["ä", "1", '""'],
];

test("cells that nobody wants are passed by the same rules", async () => {
  await fc.assert(
    fc.asyncProperty(
      wildText,
      variants,
      fc.integer({ min: 0, max: 3 }),
      async (text, variant, only) => {
        const all = slowOutcome(text, variant.separator ?? ",");
        const width = all.records[0]?.cells.length ?? 1;
        const wanted = only % width;
        const records = all.records.map(({ line, cells }) => ({
          line,
          cells: [cells[wanted] as string],
        }));
        const found = await fastOutcome(text, width, { ...variant, columns: [`c${wanted}`] });
        expect(found).toEqual({ records, ragged: all.ragged });
      },
    ),
    { numRuns: 2000 },
  );
});

test("records of hundreds of cells are read, whichever are wanted", async () => {
  const cells = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? `"x\n${i}"` : String(i)));
  const text = `${cells.join(",")}\n`.repeat(3);
  const expected = slowOutcome(text, ",");
  expect(await fastOutcome(text, 300, {})).toEqual(expected);
  const [first, , third] = expected.records as [SlowRecord, SlowRecord, SlowRecord];
  const one = await fastOutcome(text, 300, { columns: ["c250"] });
  expect(one.records[2]).toEqual({ line: third.line, cells: [first.cells[250]] });
});

test("well-formed files are read as csv-parse reads them", async () => {
  const cell = fc.constantFrom("", "a", 'say "hi"', "x,y", "line\nbreak", " pad ", "é€😀", '"');
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom("\n", "\r\n"), async (table, lineEnd) => {
      const quoted = table.map((cells) =>
        cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(","),
      );
      const text = quoted.join(lineEnd);
      const expected: string[][] = parse(text, { relax_column_count: false });
      const { records } = await fastOutcome(text, 3, {});
      expect(records.map(({ cells }) => cells)).toEqual(expected);
    }),
  );
});

test("a file is read alike from blocks that end at any byte", async () => {
  const text = `${WELL_FORMED.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(",")).join("\r\n")}\r\n\r\nq,w,e\r\n"open,`;
  const expected = slowOutcome(text, ",");
  for (let blockBytes = 1; blockBytes <= text.length + 2; blockBytes++) {
    expect(await fastOutcome(text, 3, { blockBytes })).toEqual(expected);
    expect(await fastOutcome(text, 3, { blockBytes, scanner: "closures" })).toEqual(expected);
  }
});

test("ranges cover the data without gaps, and say which record and line they begin with", async () => {
  await fc.assert(
    fc.asyncProperty(wildText, fc.integer({ min: 1, max: 20 }), async (text, size) => {
      const bytes = new TextEncoder().encode(text);
      const expected = slowRecords(text, ",");
      const ranges = await scanCsvRanges(memoryFile(bytes), textReader(1), size);
      expect(ranges.reduce((sum, range) => sum + range.records, 0)).toBe(expected.length);
      if (ranges.length > 0) expect(ranges.at(-1)?.end).toBe(bytes.length);
      ranges.forEach((range, i) => {
        if (i > 0) expect(range.offset).toBe(ranges[i - 1]?.end);
        const first = expected[range.record];
        if (range.records > 0) expect(first?.line).toBeGreaterThanOrEqual(range.line);
      });
    }),
    { numRuns: 1000 },
  );
});
