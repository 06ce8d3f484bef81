import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isFault, type Fault } from "#pkg/fault";
import { valueAt, type Vector } from "#pkg/rowset";
import {
  compareValues,
  compileCellReader,
  type DateTime,
  type FieldType,
  type Value,
} from "#pkg/value";
import { memoryFile } from "./memory-file.ts";
import { readCsv, type CsvReader, type CsvReaderColumn, type ReadableFile } from "./index.ts";

const column = (type: FieldType, format = "", defaultText = ""): CsvReaderColumn => ({
  name: "c",
  type,
  header: "",
  index: 0,
  format,
  defaultText,
});

/** The column under test as the first, the last or both cells of a record. */
const readerOf = (tested: CsvReaderColumn): CsvReader => ({
  separator: ",",
  headerIndex: -1,
  firstDataIndex: 0,
  byHeader: false,
  columns: [
    { ...tested, name: "first", index: 0 },
    { ...tested, name: "last", index: 2 },
    { ...tested, name: "again", index: 2 },
  ],
});

interface Options {
  readonly scanner?: "generated" | "closures";
  readonly blockBytes?: number;
  readonly columns?: readonly string[];
}

interface Read {
  readonly columns: Record<string, Value[]>;
  readonly fault: Fault | undefined;
  readonly lines: number[];
  readonly vectors: Vector[];
}

const rowsOf = (vector: Vector, rows: number): Value[] =>
  Array.from({ length: rows }, (_, row) => valueAt(vector, row));

async function read(
  content: string | Uint8Array,
  reader: CsvReader,
  options: Options = {},
): Promise<Read> {
  const result: Read = { columns: {}, fault: undefined, lines: [], vectors: [] };
  for (const { name } of reader.columns) result.columns[name] = [];
  try {
    for await (const block of readCsv({
      file: memoryFile(content),
      url: "in/x.csv",
      node: "n",
      reader,
      ...options,
    })) {
      for (const [name, vector] of block.columns) {
        result.vectors.push(vector);
        result.columns[name]?.push(...rowsOf(vector, block.rows));
      }
      for (let row = 0; row < block.rows; row++) result.lines.push(block.lineOf(row));
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    return { ...result, fault: error };
  }
  return result;
}

const quoted = (text: string): string =>
  /["\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const digits = fc
  .array(fc.constantFrom(...Array.from("0123456789")), { maxLength: 20 })
  .map((parts) => parts.join(""));
const numberText = fc
  .tuple(
    fc.constantFrom("", "-", "+", " "),
    digits,
    fc.constantFrom("", ".", "", "."),
    digits,
    fc.constantFrom("", "", "e3", "E-4", "x"),
  )
  .map((parts) => parts.join(""));
const INTS = [
  "",
  " ",
  "0",
  "-0",
  "+7",
  "007",
  "999999999999999",
  "9007199254740993",
  "-9223372036854775808",
  "9223372036854775808",
  "1.0",
  "1_0",
];
const FLOATS = [
  "1e308",
  "1e309",
  "inf",
  "-Inf",
  "NaN",
  "0x1p4",
  "1_0",
  ".",
  "-.5",
  "5.",
  "0.1",
  "123456789012345678",
  "1e",
  "-0",
  "4.35",
];
const DECIMALS = [
  "1.005",
  "-1.005",
  "0.005",
  "-0.004",
  "12.",
  ".5",
  "1e3",
  "92233720368547758.07",
  "92233720368547758.08",
  "90071992547409.93",
  "1.994999",
  "0.9951",
];
const BOOLS = [
  "1",
  "t",
  "T",
  "TRUE",
  "true",
  "True",
  "0",
  "f",
  "F",
  "FALSE",
  "false",
  "False",
  "tRUE",
  "yes",
  "truex",
  "fals",
  "tt",
];
const DATES = [
  "2024-02-29 12:34:56",
  "2023-02-29 12:34:56",
  "2024-02-29 24:00:00",
  "2024-02-29 23:60:00",
  "2024-02-29 1:02:03",
  "2024-02-29 01:02:03.5",
  "2024-02-29  01:02:03",
  "0001-01-01 00:00:00",
  "1899-12-31 23:59:59",
  "2100-01-01 00:00:00",
  "2024-13-01 00:00:00",
  "2024-00-01 00:00:00",
  "2024-01-00 00:00:00",
  "2024-1-1 00:00:00",
  "x",
  "2024-02-29 12:34:56Z",
];
const STAMPS = [
  "2017-10-02T10:56:33.155",
  "2017-10-02T10:56:33,155",
  "2017-10-02T10:56:33.1555",
  "2017-10-02T10:56:33.15",
  "1969-12-31T23:59:59.999",
];
const ZONED = [
  "2025-01-15T23:30:00.500-0500",
  "2025-01-16T05:00:00.000+0000",
  "2025-01-16T05:00:00.000Z",
];
const NANOS = [
  "2025-01-15 01:02:03.123000",
  "2025-01-15 01:02:03.123456",
  "2025-01-15 01:02:03.12345",
];
const TEXTS = ["", " ", "a", "é", "a,b", 'x"y', "1\n2", "long ".repeat(30)];

const SCHEMAS: readonly { readonly column: CsvReaderColumn; readonly texts: readonly string[] }[] =
  [
    { column: column("int"), texts: INTS },
    { column: column("int", "", "42"), texts: INTS },
    { column: column("int", "", "bad"), texts: ["", "1"] },
    { column: column("int", "%d pcs"), texts: ["1 pcs", "2 pcs ", "3", "", "x"] },
    { column: column("float"), texts: FLOATS },
    { column: column("float", "%f"), texts: [...FLOATS, "1.5abc"] },
    { column: column("decimal2"), texts: DECIMALS },
    { column: column("decimal2", "%f", "-56.78"), texts: [...DECIMALS, ""] },
    { column: column("bool"), texts: BOOLS },
    { column: column("bool", "", "T"), texts: ["", " ", "f"] },
    { column: column("datetime", "2006-01-02 15:04:05"), texts: DATES },
    { column: column("datetime", "2006-01-02T15:04:05.000"), texts: STAMPS },
    { column: column("datetime", "2006-01-02T15:04:05.000Z0700"), texts: ZONED },
    { column: column("datetime", "2006-01-02 15:04:05.000000"), texts: NANOS },
    {
      column: column("datetime", "02.01.2006", "01.02.2003"),
      texts: ["31.12.1999", "", "32.12.1999", "31.12.99"],
    },
    { column: column("datetime"), texts: ["", "2024-01-01"] },
    { column: column("string"), texts: TEXTS },
    { column: column("string", "", "none"), texts: TEXTS },
    { column: column("string", "fmt"), texts: TEXTS },
  ];

const key = (type: FieldType, value: Value): string => {
  if (type === "datetime") {
    const { ns, offset, zone } = value as DateTime;
    return `${ns} ${offset} ${zone}`;
  }
  const simple = value as number | bigint | boolean;
  return Object.is(simple, -0) ? "-0" : String(simple);
};

function sameValue(type: FieldType, found: Value, wanted: Value): boolean {
  if (type === "decimal2" || type === "string") return compareValues(type, found, wanted) === 0;
  return key(type, found) === key(type, wanted);
}

test.each(SCHEMAS)(
  "$column.type $column.format $column.defaultText: cells are what the exact cell reader makes of them",
  async (schema) => {
    const { type, format, defaultText } = schema.column;
    const convert = compileCellReader({ type, defaultText, format: format || undefined });
    const cell = fc.oneof(
      fc.constantFrom(...schema.texts),
      schema.column.type === "bool" ? fc.constantFrom(...BOOLS) : numberText,
    );
    const rows = fc.array(fc.tuple(cell, cell, fc.boolean()), { minLength: 1, maxLength: 6 });
    const options = fc.record({
      scanner: fc.constantFrom("generated" as const, "closures" as const),
      blockBytes: fc.constantFrom(1, 40, 4096),
    });
    await fc.assert(
      fc.asyncProperty(
        rows,
        options,
        fc.constantFrom("\n", "\r\n"),
        async (table, chosen, lineEnd) => {
          const content = table
            .map(
              ([a, b, force]) =>
                [force ? `"${a.replaceAll('"', '""')}"` : quoted(a), "mid", quoted(b)].join(",") +
                lineEnd,
            )
            .join("");
          const result = await read(content, readerOf(schema.column), chosen);
          let row = 0;
          for (const [a, b] of table) {
            let wanted: Value[];
            try {
              wanted = [convert(a), convert(b)];
            } catch {
              expect(result.fault?.code).toBe("CELL_INVALID");
              break;
            }
            const found = [result.columns["first"]?.[row], result.columns["last"]?.[row]];
            expect(found).not.toContain(undefined);
            wanted.forEach((value, i) => {
              expect([
                a,
                b,
                found[i],
                sameValue(schema.column.type, found[i] as Value, value),
              ]).toEqual([a, b, found[i], true]);
            });
            row++;
          }
          expect(result.lines.length).toBe(row);
          expect(result.columns["again"]).toEqual(result.columns["last"]);
          if (row === table.length) expect(result.fault).toBeUndefined();
        },
      ),
      { numRuns: 150 },
    );
  },
);

test("an int column of short numbers is doubles and has no negative zero", async () => {
  const { vectors } = await read("-0,x,12\n", readerOf(column("int")));
  expect(vectors[0]).toEqual({ type: "int", values: Float64Array.of(0) });
  expect(Object.is((vectors[0] as { values: Float64Array }).values[0], 0)).toBe(true);
});

test("an int beyond the safe integers makes its block 64-bit", async () => {
  const { vectors } = await read("9007199254740993,x,1\n2,x,1\n", readerOf(column("int")));
  expect(vectors[0]).toEqual({ type: "int", values: BigInt64Array.of(9_007_199_254_740_993n, 2n) });
});

test("a decimal beyond 64 bits is kept exactly", async () => {
  const { columns, vectors } = await read(
    "92233720368547758.08,x,1\n2.5,x,1\n",
    readerOf(column("decimal2")),
  );
  expect("exact" in (vectors[0] as Vector)).toBe(true);
  expect(
    columns["first"]?.map((value) => compareValues("decimal2", value, { digits: 25n, scale: 1 })),
  ).toEqual([1, 0]);
});

test("the fault of a cell names file, line, column, text and what was expected", async () => {
  const reader: CsvReader = {
    ...readerOf(column("int")),
    byHeader: true,
    headerIndex: 0,
    columns: [{ ...column("int"), name: "c_qty", header: "qty" }],
  };
  const { fault, lines } = await read('sku,qty\n"a\nb",1\n\nx,18 pcs\ny,bad\n', reader);
  expect(lines).toEqual([2]);
  expect(fault?.message).toBe('in/x.csv line 5, column qty: "18 pcs" is not an int');
  expect(fault?.facts).toMatchObject({
    node: "n",
    file: "in/x.csv",
    line: 5,
    column: "c_qty",
    text: "18 pcs",
    expected: "an int",
  });
});

test("a header that the name of the column does not show stands in the message beside it", async () => {
  const reader: CsvReader = {
    ...readerOf(column("int")),
    byHeader: true,
    headerIndex: 0,
    columns: [{ ...column("int"), name: "c_qty", header: "Stück" }],
  };
  const { fault } = await read("Stück\n18 pcs\n", reader);
  expect(fault?.message).toBe('in/x.csv line 2, column Stück (c_qty): "18 pcs" is not an int');
});

test("a long unprintable cell is cut and escaped in the message", async () => {
  const { fault } = await read(`"\t${"y".repeat(100)}",x,1\n`, readerOf(column("int")));
  expect(fault?.message).toBe(
    `in/x.csv line 1, column 1 (first): "\\t${"y".repeat(59)}…" is not an int`,
  );
});

test("the first bad row wins, and in it the leftmost column", async () => {
  for (const scanner of ["generated", "closures"] as const) {
    const { fault, lines } = await read("1,x,2\n3,x,bad\nbad,x,bad\n", readerOf(column("int")), {
      scanner,
    });
    expect(lines).toEqual([1]);
    expect(fault?.facts).toMatchObject({ line: 2, column: "last" });
  }
});

test("a record of the wrong width is reported as that even if a cell before is bad", async () => {
  for (const scanner of ["generated", "closures"] as const) {
    const { fault } = await read("1,x,2\nbad,x\n", readerOf(column("int")), { scanner });
    expect(fault?.message).toBe(
      "in/x.csv line 2: the record has 2 cells, the first record of the file has 3",
    );
    expect(fault?.code).toBe("RECORD_INVALID");
  }
});

test("columns that nobody wants are checked but not kept", async () => {
  const good = await read("1,x,2\n", readerOf(column("int")), { columns: ["last"] });
  expect(good.columns).toEqual({ first: [], last: [2n], again: [] });
  const bad = await read("oops,x,2\n", readerOf(column("int")), { columns: ["last"] });
  expect(bad.fault?.facts).toMatchObject({ column: "first", line: 1 });
});

test("bytes that are not UTF-8 are refused with line and byte, plain, repeated and quoted", async () => {
  const bytes = Uint8Array.from([97, 44, 98, 44, 99, 10, 97, 195, 40, 44, 98, 44, 99, 10]);
  for (const scanner of ["generated", "closures"] as const) {
    const { fault, lines } = await read(bytes, readerOf(column("string")), { scanner });
    expect(lines).toEqual([1]);
    expect(fault?.code).toBe("ENCODING_INVALID");
    expect(fault?.message).toBe(
      "in/x.csv line 2, column 1 (first): byte 2 of the cell (0xc3) is not UTF-8",
    );
  }
});

test("many different texts leave the dictionary and keep their rows", async () => {
  const count = 30_000;
  const content = Array.from({ length: count }, (_, i) => `k${i},x,r${i % 3}\n`).join("");
  for (const scanner of ["generated", "closures"] as const) {
    const { columns, vectors } = await read(content, readerOf(column("string")), { scanner });
    expect(columns["first"]).toEqual(Array.from({ length: count }, (_, i) => `k${i}`));
    expect(columns["last"]).toEqual(Array.from({ length: count }, (_, i) => `r${i % 3}`));
    expect((vectors[0] as { codes: unknown }).codes).toBeUndefined();
    expect((vectors[1] as { codes: unknown }).codes).toBeDefined();
  }
});

test("a quote that is never closed in a huge file is reported as a cell too large", async () => {
  const open: ReadableFile = {
    read: (into, position) => {
      into.fill(97);
      if (position === 0) into[0] = 34;
      return Promise.resolve(into.length);
    },
  };
  const reading = readCsv({
    file: open,
    url: "x.csv",
    node: "n",
    reader: readerOf(column("string")),
  });
  await expect(reading.next()).rejects.toMatchObject({
    code: "CELL_TOO_LARGE",
    facts: { line: 1 },
  });
}, 60_000);
