import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault } from "#pkg/fault";
import { valueAt } from "#pkg/rowset";
import { valueToText } from "#pkg/value";
import { memoryFile } from "./memory-file.ts";
import { readCsv, scanCsvRanges, type CsvReader } from "#pkg/formats";
import type { BadRecord, CsvRange } from "./types.ts";

const column = (name: string, type: "int" | "string" | "decimal2", index: number) => ({
  name,
  type,
  header: name,
  index,
  format: "",
  defaultText: "",
});

const reader: CsvReader = {
  separator: ",",
  headerIndex: 0,
  firstDataIndex: 1,
  byHeader: true,
  columns: [column("id", "int", 0), column("sum", "decimal2", 1), column("who", "string", 2)],
};

interface Reading {
  readonly rows: readonly string[];
  readonly bad: readonly BadRecord[];
}

interface How {
  readonly corrections?: Readonly<Record<number, Readonly<Record<string, string>>>>;
  readonly blockBytes?: number;
  readonly blockRows?: number;
  readonly scanner?: "generated" | "closures";
  readonly range?: CsvRange;
  /** Lines that are known at a time behind the one that was asked about. */
  readonly knownLines?: number;
}

async function read(text: string, how: How = {}): Promise<Reading> {
  const { corrections = {}, ...options } = how;
  const rows: string[] = [];
  const bad: BadRecord[] = [];
  let known = 0;
  const badRecords = {
    knows: (line: number) => line <= known,
    learn: (line: number) => {
      known = line + (how.knownLines ?? Number.POSITIVE_INFINITY);
      return Promise.resolve();
    },
    corrected: ({ line, cells }: BadRecord) => {
      const texts = corrections[line];
      return texts === undefined ? undefined : new Map([...cells, ...Object.entries(texts)]);
    },
    reject: (record: BadRecord) => void bad.push(record),
  };
  const place = { url: "a.csv", node: "read" };
  const file = memoryFile(text);
  for await (const block of readCsv({ file, reader, ...place, ...options, badRecords }))
    for (let row = 0; row < block.rows; row += 1) {
      const values = [...block.columns.values()].map((vector) =>
        valueToText(vector.type, valueAt(vector, row)),
      );
      rows.push(`${block.lineOf(row)}: ${values.join("|")}`);
    }
  return { rows, bad };
}

const MIXED = `id,sum,who
1,1.50,a
x,2,b
3,3
"4",y,"two
lines"

5,5,"q""q"
6,6,f,g
7,7,last`;

const shown = ({ line, fault, cells }: BadRecord): string =>
  `${line} ${fault.code} ${[...cells.values()].join("|")}`;

describe("bad records that are kept apart", () => {
  test("the good rows keep their lines, the bad ones their texts", async () => {
    const { rows, bad } = await read(MIXED);
    expect(rows).toEqual(["2: 1|1.5|a", '8: 5|5|q"q', "10: 7|7|last"]);
    expect(bad.map(shown)).toEqual([
      "3 CELL_INVALID x|2|b",
      "4 RECORD_INVALID 3|3|",
      "5 CELL_INVALID 4|y|two\nlines",
      "9 RECORD_INVALID 6|6|f",
    ]);
    expect(bad.map(({ record }) => record)).toEqual([undefined, "3,3", undefined, "6,6,f,g"]);
  });

  test("the first data record may be bad, and the last one", async () => {
    const { rows, bad } = await read("id,sum,who\n1\n2,2,b\nx,3,c");
    expect(rows).toEqual(["3: 2|2|b"]);
    expect(bad.map(shown)).toEqual(["2 RECORD_INVALID 1||", "4 CELL_INVALID x|3|c"]);
  });

  test("corrected texts take the place of the record; those that cannot be read are rejected", async () => {
    const { rows, bad } = await read(MIXED, {
      corrections: { 3: { id: "2" }, 4: { who: "c" }, 5: { sum: "no" }, 9: { sum: "6.10" } },
    });
    expect(rows).toEqual([
      "2: 1|1.5|a",
      "3: 2|2|b",
      "4: 3|3|c",
      '8: 5|5|q"q',
      "9: 6|6.1|f",
      "10: 7|7|last",
    ]);
    expect(bad.map(shown)).toEqual(["5 CELL_INVALID 4|no|two\nlines"]);
  });

  test("a file of bad records alone gives blocks without rows", async () => {
    const { rows, bad } = await read(`id,sum,who\n${"x,1,a\n".repeat(100)}`, { blockBytes: 64 });
    expect(rows).toEqual([]);
    expect(bad).toHaveLength(100);
  });

  test("a block has room for so many bad records; the next one goes on with the others", async () => {
    const records = `${"x,1,a\n".repeat(5000)}1,1,b\n${"x,1,a\n".repeat(5000)}2,2,c\n`;
    const { rows, bad } = await read(`id,sum,who\n${records}`);
    expect(rows).toEqual(["5002: 1|1|b", "10003: 2|2|c"]);
    expect(bad.map(({ line }) => line)).toEqual(
      Array.from({ length: 10_000 }, (_, at) => (at < 5000 ? at + 2 : at + 3)),
    );
  });

  test("a record whose end is unknown still ends the reading", async () => {
    const endless = `id,sum,who\n1,1,"${"z".repeat(65 * 2 ** 20)}`;
    const code = await read(endless).then(
      () => "none",
      ({ code }: Fault) => code,
    );
    expect(code).toBe("CELL_TOO_LARGE");
  });

  test("without a place for them the first bad record is a fault", async () => {
    const options = { file: memoryFile(MIXED), reader, url: "a.csv", node: "read" };
    const reading = async (): Promise<void> => {
      for await (const block of readCsv(options)) expect(block.rows).toBe(1);
    };
    await expect(reading()).rejects.toMatchObject({ code: "CELL_INVALID", facts: { line: 3 } });
  });
});

const cell = fc.constantFrom("1", "22", "x", "", '"a,b"', '"l\nm"', '"q""q"', "9.99");
/** Numbers that a double holds, and one that it does not. */
const number = (limit: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(limit).map(String) },
    { arbitrary: fc.constant("90071992547409931"), weight: 1 },
  );
const record = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(number(99), number(9), cell) },
  fc.array(cell, { minLength: 1, maxLength: 4 }),
);

test("what a double cannot hold in a rejected record does not get into the row that takes its place", async () => {
  const text = "id,sum,who\n9007199254740993,x,a\n5,90071992547409931.25,b,c\n6,7,d\n";
  for (const scanner of ["generated", "closures"] as const) {
    const { rows, bad } = await read(text, { scanner });
    expect(rows).toEqual(["4: 6|7|d"]);
    expect(bad.map(({ line }) => line)).toEqual([2, 3]);
  }
});

test("P2: blocks, ranges and both scanners find the same rows and the same bad records", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 40 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 9 }),
      async (records, bytes, blockRows) => {
        const text = `id,sum,who\n${records.map((cells) => `${cells.join(",")}\n`).join("")}`;
        const whole = await read(text);
        const small = await read(text, { blockBytes: bytes, blockRows });
        const plain = await read(text, { scanner: "closures", blockRows, knownLines: bytes % 5 });
        const parts: Reading[] = [];
        for (const range of await scanCsvRanges(memoryFile(text), reader, bytes))
          parts.push(await read(text, { range }));
        const lines = ({ rows, bad }: Reading) => [rows, bad.map(shown)];
        expect(lines(small)).toEqual(lines(whole));
        expect(lines(plain)).toEqual(lines(whole));
        const joined = {
          rows: parts.flatMap(({ rows }) => rows),
          bad: parts.flatMap(({ bad }) => bad),
        };
        expect(lines(joined)).toEqual(lines(whole));
        expect(whole.rows.length + whole.bad.length).toBe(
          records.filter((cells) => cells.join(",") !== "").length,
        );
      },
    ),
    { numRuns: 200 },
  );
});
