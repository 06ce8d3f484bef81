import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { valueAt, type Vector } from "#pkg/rowset";
import { readCsv, scanCsvRanges, type CsvReader } from "./index.ts";
import { memoryFile } from "./memory-file.ts";

const named = (headers: readonly string[], more: Partial<CsvReader> = {}): CsvReader => ({
  separator: ",",
  headerIndex: 0,
  firstDataIndex: 1,
  byHeader: true,
  columns: headers.map((header) => ({
    name: `c_${header}`,
    type: "string",
    header,
    index: 0,
    format: "",
    defaultText: "",
  })),
  ...more,
});

const indexed = (indexes: readonly number[], firstDataIndex = 0): CsvReader => ({
  separator: ",",
  headerIndex: 0,
  firstDataIndex,
  byHeader: false,
  columns: indexes.map((index) => ({
    name: `c${index}`,
    type: "string",
    header: "",
    index,
    format: "",
    defaultText: "",
  })),
});

/** Rows as texts joined by a bar, or the code and message of the fault. */
async function read(content: string | Uint8Array, reader: CsvReader): Promise<string[] | string> {
  const rows: string[] = [];
  try {
    for await (const block of readCsv({
      file: memoryFile(content),
      url: "x.csv",
      node: "n",
      reader,
      blockBytes: 7,
    })) {
      const vectors = [...block.columns.values()];
      for (let row = 0; row < block.rows; row++)
        rows.push(vectors.map((v: Vector) => valueAt(v, row) as string).join("|"));
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    return `${error.code} ${error.message}`;
  }
  return rows;
}

test("columns are found by exact header text, the last of equal ones", async () => {
  expect(await read("b,a,b,x\n1,2,3,4\n5,6,7,8\n", named(["a", "b"]))).toEqual(["2|3", "6|7"]);
});

test("headers may be quoted and hold line ends; lines before and between are skipped as records", async () => {
  const content = '\r\n"pre ""x""",\n\n"a\nb",c\nunits,u\n1,2\n';
  expect(await read(content, named(["c", "a\nb"], { headerIndex: 1, firstDataIndex: 3 }))).toEqual([
    "2|1",
  ]);
});

test("a missing header is named together with those found", async () => {
  expect(await read("sku,qty\n1,2\n", named(["sku", "pieces", "units"]))).toBe(
    'HEADER_INVALID x.csv line 1: no column headers "pieces", "units"; found "sku", "qty"',
  );
  expect(await read("Sku\n1\n", named(["sku"]))).toBe(
    'HEADER_INVALID x.csv line 1: no column header "sku"; found "Sku"',
  );
});

test("a file that ends before the header, or a reader without one, is refused, an empty file is not", async () => {
  expect(await read("a\nb\n", named(["a"], { headerIndex: 5, firstDataIndex: 6 }))).toBe(
    "HEADER_INVALID x.csv: the file ends before the header (record 5)",
  );
  const without = named(["a"], { headerIndex: -1, firstDataIndex: 0 });
  expect(await read("a\nb\n", without)).toMatch(/^HEADER_INVALID x.csv: .*hdr_line_idx -1/);
  expect(await read("a\nb\n", named(["a"], { headerIndex: 2, firstDataIndex: 1 }))).toMatch(
    /^HEADER_INVALID/,
  );
  for (const empty of ["", "\n\r\n\n", "\uFEFF", "\r"]) {
    expect(await read(empty, named(["a"]))).toEqual([]);
    expect(await read(empty, without)).toEqual([]);
    expect(await read(empty, indexed([3]))).toEqual([]);
  }
});

test("the first data line comes after the header even when the script says 0", async () => {
  expect(await read("a\n1\n", named(["a"], { firstDataIndex: 0 }))).toEqual(["1"]);
});

test("an index beyond the records is refused once there is data", async () => {
  expect(await read("1,2\n", indexed([1, 2]))).toBe(
    "HEADER_INVALID x.csv: column c2 has index 2 (from 0), but the records have 2 cells",
  );
  expect(await read("only a title\n", indexed([1], 1))).toEqual([]);
});

test("the width of the first record holds for skipped records too", async () => {
  expect(await read("title\na,b\n1,2\n", indexed([0], 2))).toBe(
    "RECORD_INVALID x.csv line 2: the record has 2 cells, the first record of the file has 1",
  );
});

test("a byte order mark is no data, with header and without, before quotes too", async () => {
  expect(await read("\uFEFFid,b\n1,2\n", named(["id"]))).toEqual(["1"]);
  expect(await read('\uFEFF"x,y",1\n', indexed([0]))).toEqual(["x,y"]);
  expect(await read("a\n\uFEFFb\n", indexed([0]))).toEqual(["a", "\uFEFFb"]);
});

test("a header that is not UTF-8 is refused with line and byte", async () => {
  const bytes = Uint8Array.from([10, 97, 44, 0xff, 44, 98, 10]);
  expect(await read(bytes, named(["a"]))).toBe(
    "ENCODING_INVALID x.csv line 2: byte 4 of the file, in the header, is not UTF-8",
  );
});

test("separators that cannot be told from quotes and line ends are refused", async () => {
  for (const separator of ['"', "\n", "\r", "", "é"]) {
    expect(await read("a\n", { ...indexed([0]), separator })).toMatch(/^SCRIPT_INVALID x.csv/);
  }
});

test("ranges carry the place of the columns and the line of their start", async () => {
  const content = '\uFEFFt,"u\nv"\n\n1,a\n\n2,"b\nb"\n3,c\n';
  const reader = named(["u\nv", "t"]);
  const ranges = await scanCsvRanges(memoryFile(content), reader, 1);
  expect(
    ranges.map(({ record, line, records, offset }) => [record, line, records, offset]),
  ).toEqual([
    [1, 4, 1, 12],
    [2, 5, 0, 16],
    [2, 6, 1, 17],
    [3, 8, 1, 25],
  ]);
  expect(ranges[0]).toMatchObject({ fields: 2, positions: [1, 0] });
  expect(structuredClone(ranges)).toEqual(ranges);
  expect(await scanCsvRanges(memoryFile("t,u\n"), named(["t"]), 1)).toEqual([]);
  expect(await scanCsvRanges(memoryFile(content), reader, 1000)).toHaveLength(1);
});

test("a faulty header fails the scan for ranges as it fails the reading", async () => {
  await expect(
    scanCsvRanges(memoryFile("a\n1\n"), named(["b"]), 10, { url: "x.csv", node: "n" }),
  ).rejects.toMatchObject({
    code: "HEADER_INVALID",
    facts: { file: "x.csv", missing: ["b"] },
  });
});
