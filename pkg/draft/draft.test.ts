import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { isFault } from "#pkg/fault";
import { everything } from "#pkg/security";
import { readScript } from "#pkg/script/reading";
import { openFiles } from "#pkg/transfer";
import { duckFile } from "../formats/parquet/test-support/duck.ts";
import { draftScript, guessedDraft, referenceDraft, tableName, commentedScript } from "./index.ts";
import { guessType, MANY_LAYOUTS, REFERENCE_LAYOUTS } from "./guess-type.ts";
import { fieldNames } from "./names.ts";
import { sampleRecords } from "./sample-records.ts";
import { faultOf } from "../../test/support/fault-of.ts";

const files = openFiles(everything);
const NAMES = { table: "t", readNode: "r", writeNode: "w", outputUrl: "/out/t.csv" };

function fileOf(content: string | Uint8Array, name = "a.csv"): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-draft-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const reference = (url: string, headerIndex: number, firstDataIndex: number, separator = ",") =>
  referenceDraft(files, { url, type: "csv", headerIndex, firstDataIndex, separator });

const columnsOf = async (content: string) =>
  (await reference(fileOf(content), 0, 1)).columns.map(({ column, field, type, readFormat }) => [
    column,
    field,
    type,
    readFormat,
  ]);

/** Both forms of script must load whatever the file holds. */
const loads = (script: object | string): readonly unknown[] =>
  readScript(
    typeof script === "string"
      ? { file: "s.yaml", text: script }
      : { file: "s.json", text: JSON.stringify(script) },
  ).warnings;

describe("records", () => {
  test("follow the rules of the reader: lazy quotes, blank lines, CRLF", () => {
    const text = 'a,"b""c"\r\n\r\n"x, y",z"q\n\n"open\nto the end';
    expect(sampleRecords(text, ",", 10)).toEqual([
      ["a", 'b"c'],
      ["x, y", 'z"q'],
      ["open\nto the end"],
    ]);
    expect(sampleRecords('"a"b",c\n', ",", 10)).toEqual([['a"b', "c"]]);
    expect(sampleRecords("", ",", 10)).toEqual([]);
    expect(sampleRecords("a\tb\nc\td", "\t", 1)).toEqual([["a", "b"]]);
    expect(sampleRecords('"a\r\nb",\n', ",", 1)).toEqual([["a\nb", ""]]);
  });
});

describe("types of columns", () => {
  const guess = (cells: readonly string[], layouts = REFERENCE_LAYOUTS) => {
    const { type, layout } = guessType(cells, { layouts, keepSigns: layouts === MANY_LAYOUTS });
    return layout === "" ? type : `${type} ${layout}`;
  };

  test.each([
    [["1", "-2", "+3"], "int"],
    [["1.50", "2"], "decimal2"],
    [["1.5", "2", "3.25"], "float"],
    [["true", "F"], "bool"],
    [["tRuE"], "string"],
    [["1", "", "2"], "int"],
    [["", " "], "string"],
    [["1", "x"], "string"],
    [["9223372036854775808"], "string"],
    [["2024-01-02T03:04:05", "2024-01-02T03:04:05.123456"], "datetime 2006-01-02T15:04:05"],
    [["2024-01-02 03:04:05.123+0200"], "datetime 2006-01-02 15:04:05.000-0700"],
    [["2024-01-02 03:04:05", "2024-01-02T03:04:05"], "string"],
    [["2024-13-02T03:04:05"], "string"],
    [["2024-01-02"], "string"],
  ])("%j is %s", (cells, type) => {
    expect(guess(cells)).toBe(type);
  });

  test.each([
    [["2024-01-02"], "datetime 2006-01-02"],
    [["02.01.2024"], "datetime 02.01.2006"],
    [["13/01/2024"], "datetime 02/01/2006"],
    [["01/13/2024"], "datetime 01/02/2006"],
    [["2024-01-02T03:04:05Z"], "datetime 2006-01-02T15:04:05Z07:00"],
    [["01234", "5"], "string"],
    [["0", "0.50"], "decimal2"],
  ])("init: %j is %s", (cells, type) => {
    expect(guess(cells, MANY_LAYOUTS)).toBe(type);
  });

  test("a day that may be a month is in doubt", () => {
    const rules = { layouts: MANY_LAYOUTS, keepSigns: true };
    expect(guessType(["02/03/2024"], rules).doubt).toContain("the other way round");
    expect(guessType(["13/03/2024"], rules).doubt).toBe("");
  });

  test.each([
    [["1,50", "-2,5", "3"], "decimal comma"],
    [["1,234", "12,345,678.90"], "commas between thousands"],
    [["1,50", "x"], ""],
    [["01", "02"], ""],
    [["a, b"], ""],
  ])("%j are texts; the doubt is %j", (cells, doubt) => {
    const guessed = guessType(cells, { layouts: MANY_LAYOUTS, keepSigns: true });
    expect(guessed.type).toBe("string");
    if (doubt === "") expect(guessed.doubt).toBe("");
    else expect(guessed.doubt).toContain(doubt);
  });
});

describe("a few cells that do not fit", () => {
  const doubtOf = (good: string, count: number, ...bad: readonly string[]) => {
    const cells = [...bad, ...Array.from({ length: count }, () => good)];
    const { type, doubt } = guessType(cells, { layouts: MANY_LAYOUTS, keepSigns: true });
    expect(type).toBe("string");
    return doubt;
  };

  test.each([
    ["5", "many", '99 are int, 1 not, the first is "many"; on_error: reject sets such rows aside'],
    ["5.25", "n/a\n", '99 are decimal2, 1 not, the first is "n/a\\n"'],
    ["31.12.2024", "2024-12-31", '99 are datetime 02.01.2006, 1 not, the first is "2024-12-31"'],
  ])("a column of %s with %j stays text, in doubt", (good, bad, doubt) => {
    expect(doubtOf(good, 99, bad)).toContain(doubt);
  });

  test("too many of them, or words, raise no doubt", () => {
    expect(doubtOf("5", 90, ...Array.from({ length: 10 }, () => "x"))).toBe("");
    expect(doubtOf("ann", 99, "5")).toBe("");
    expect(doubtOf("true", 99, "yes")).toBe("");
  });
});

describe("names", () => {
  test("of fields can be used in expressions and differ", () => {
    expect(fieldNames(["Order ID", "order_id", "", "2nd", "é", "type", "col_x", "rowid"])).toEqual([
      "Order_ID",
      "order_id_2",
      "column_002",
      "f_2nd",
      "column_004",
      "f_type",
      "col_x",
      "f_rowid",
    ]);
  });

  test("of tables are not reserved and not too long", () => {
    expect(["a b.csv", "idx.csv", "", "x".repeat(60)].map(tableName)).toEqual([
      "a_b_csv",
      "t_idx_csv",
      "t_",
      "x".repeat(42),
    ]);
  });
});

describe("proto_file_reader_creator", () => {
  test("takes formats from the whole column, not from its last cell; empty cells change nothing", async () => {
    const csv = "price,n,s\n1.50,1,x\n2.25,,y\n3,3,7\n";
    expect(await columnsOf(csv)).toEqual([
      ["col_price", "price", "decimal2", "%f"],
      ["col_n", "n", "int", "%d"],
      ["col_s", "s", "string", ""],
    ]);
  });

  test("gives layouts that read what was seen, and names that agree", async () => {
    expect(await columnsOf("my col_x,at\n1,2024-01-02T03:04:05.123456+0100\n")).toEqual([
      ["col_my_col_x", "my_col_x", "int", "%d"],
      ["col_at", "at", "datetime", "2006-01-02T15:04:05-0700"],
    ]);
  });

  test("reads behind a gap after the header, and files without a header", async () => {
    const gap = await reference(fileOf("id;v\nunits;kg\n1;2.50\n"), 0, 2, ";");
    expect(gap.columns.map(({ type }) => type)).toEqual(["int", "decimal2"]);
    const bare = await reference(fileOf("1,a\n2,b\n"), -1, 0);
    expect(bare.columns.map(({ column, field, header }) => [column, field, header])).toEqual([
      ["col_000", "f_000", ""],
      ["col_001", "f_001", ""],
    ]);
    expect(loads(draftScript(bare, NAMES))).toEqual([]);
  });

  test("prints url_template once and no top", async () => {
    const draft = await reference(fileOf("id\tv\n1\tx\n"), 0, 1, "\t");
    const text = JSON.stringify(draftScript(draft, NAMES), null, 1);
    expect(text.split('"url_template"')).toHaveLength(2);
    expect(text).not.toContain('"top"');
    expect(text).toContain('"separator": "\\t"');
    expect(loads(draftScript(draft, NAMES))).toEqual([]);
  });

  test.each([
    ["header behind the data", "a,b\n1,2\n", [1, 1], "USAGE"],
    ["no such record", "a,b\n", [0, 1], undefined],
    ["an empty file", "", [0, 1], "RECORD_INVALID"],
    ["an empty header", "a,\n1,2\n", [0, 1], "HEADER_INVALID"],
    ["a header like a parameter", "a,{b}\n1,2\n", [0, 1], "HEADER_INVALID"],
    ["a header twice", "a,a\n1,2\n", [0, 1], "HEADER_INVALID"],
    ["a binary file", "a\0b", [0, 1], "ENCODING_INVALID"],
  ] as const)("%s", async (_, content, [header, first], code) => {
    const work = reference(fileOf(content), header, first);
    if (code === undefined)
      expect((await work).columns.map(({ type }) => type)).toEqual(["string", "string"]);
    else expect((await faultOf(work)).code).toBe(code);
  });

  test("refuses what is not UTF-8, and looks at a large file's beginning only", async () => {
    const latin = new Uint8Array([0x61, 0x0a, 0xe9, 0x0a]);
    const fault = await faultOf(reference(fileOf(latin), 0, 1));
    expect(fault.code).toBe("ENCODING_INVALID");
    expect(fault.hint).toContain("init from");
    const large = `id,s\n${"1,é\n".repeat(400_000)}`;
    expect((await reference(fileOf(large), 0, 1)).columns[0]?.type).toBe("int");
  });

  test("any text gives a script that loads, or a fault", async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        "1",
        "1.50",
        "true",
        "2024-01-02T00:00:00",
        "",
        '"',
        "a,b",
        "{x}",
        "{n|number}",
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 }),
        async (rows) => {
          const url = fileOf(rows.map((row) => row.join(",")).join("\n"));
          for (const make of [
            async () => draftScript(await reference(url, 0, 1), NAMES),
            async () => commentedScript(await guessedDraft(files, url), COMMENTED),
          ]) {
            const made = await make().catch((error: unknown) => error);
            if (made instanceof Error && !isFault(made)) throw made;
            if (!isFault(made)) expect(loads(made as object | string)).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

const COMMENTED = { table: "t", outputUrl: "out/t.csv", command: "capitoolbelt run t.yaml" };

describe("init", () => {
  const found = async (content: string | Uint8Array, name?: string) => {
    const { findings } = await guessedDraft(files, fileOf(content, name));
    return findings.map((finding) => `${finding.what}: ${finding.found} (${finding.confidence})`);
  };

  test("finds separator, header and types, with how sure it is", async () => {
    expect(await found("\uFEFFid;price;day\n1;2.50;02/03/2024\n2;;03/04/2024\n")).toEqual([
      "encoding: UTF-8 (certain)",
      "separator: semicolon (certain)",
      "header: first record (certain)",
      "id: int (certain)",
      "price: decimal2 (likely)",
      "day: datetime 02/01/2006 (doubtful)",
    ]);
  });

  test("finds files without header, of one column, and of texts only", async () => {
    expect(await found("1\tx\n2\ty\n", "a.tsv")).toContain("header: none (likely)");
    expect(await found("a,\nb,c\n")).toContain("header: none (likely)");
    expect(await found(",\n1,2\n")).toContain("header: none (likely)");
    expect(await found("name\nann\nbob\n")).toEqual([
      "encoding: UTF-8 (certain)",
      "separator: comma (doubtful)",
      "header: first record (likely)",
      "name: string (certain)",
    ]);
  });

  test("finds columns by position under names that are empty or equal, and leaves out names of parameters", async () => {
    expect(await found("id,id,\n1,x,2\n")).toEqual([
      "encoding: UTF-8 (certain)",
      "separator: comma (certain)",
      "header: first record (certain)",
      "id: int (certain)",
      "id_2: string (certain)",
      "column_002: int (certain)",
    ]);
    expect(await found('{"a":1,"{b}":2}\n', "a.ndjson")).toEqual([
      "encoding: UTF-8 (certain)",
      "format: JSON objects (certain)",
      "columns: 1 of 2 (certain)",
      "a: int (certain)",
    ]);
    const fault = await faultOf(found('{"{b}":2}\n', "a.ndjson"));
    expect(fault.code).toBe("HEADER_INVALID");
  });

  test("says when records differ in width", async () => {
    expect(await found("a,b\n1,2\n3\n")).toContain("separator: comma (doubtful)");
  });

  test("finds other encodings, and packed files", async () => {
    const text = "id,näme\n1,é\n2,ü\n";
    const wide = Buffer.from(`\ufeff${text}`, "utf16le");
    expect(await found(wide)).toContain("encoding: UTF-16, low byte first (certain)");
    expect(await found(wide.subarray(2))).toContain("encoding: UTF-16, low byte first (certain)");
    expect(await found(Buffer.from(wide.subarray(2)).swap16())).toContain(
      "encoding: UTF-16, high byte first (certain)",
    );
    expect(await found(Buffer.from(text, "latin1"))).toEqual([
      "encoding: Latin-1 (doubtful)",
      "separator: comma (certain)",
      "header: first record (certain)",
      "id: int (certain)",
      "n_me: string (certain)",
    ]);
    expect((await found(gzipSync(text))).slice(0, 2)).toEqual([
      "packing: gzip (certain)",
      "encoding: UTF-8 (certain)",
    ]);
    const large = `id,s\n${Array.from({ length: 400_000 }, (_, at) => `${at},${at * 7919}`).join("\n")}`;
    expect(await found(gzipSync(large, { level: 0 }))).toContain("id: int (certain)");
    expect(await found(gzipSync(large))).toContain("id: int (certain)");
    expect((await faultOf(found(Buffer.from([0x1f, 0x8b, 9, 9, 9])))).code).toBe("FILE_DAMAGED");
    expect((await faultOf(found(Buffer.from([1, 0, 0, 0, 2])))).code).toBe("ENCODING_INVALID");
    expect((await faultOf(found(Buffer.from([0xff, 0xfe, 0x61])))).message).toContain(
      "ends in the middle of a UTF-16 character",
    );
  });

  test("says of an empty file that it is empty, and keeps columns apart from what is said of the file", async () => {
    expect((await faultOf(guessedDraft(files, fileOf("")))).message).toMatch(/a\.csv is empty$/);
    const named = await guessedDraft(files, fileOf("separator,header\n1,x\n2,y\n"));
    expect(commentedScript(named, COMMENTED)).toContain(
      'col_header: { csv: { col_hdr: "header" }, col_type: string } # certain: 2 cells',
    );
  });

  test("finds JSON objects: members of any line, with exact numbers and times", async () => {
    const lines = [
      '{"id": 9007199254740993, "price": 1.50, "at": "2024-01-02T03:04:05Z", "tags": ["a"]}',
      "",
      '{"id": 2, "price": 20.25, "ok": true, "at": "2024-01-02T03:04:05+01:00", "{x}": 1, "": 2}',
    ];
    expect(await found(lines.join("\n"))).toEqual([
      "encoding: UTF-8 (certain)",
      "format: JSON objects (certain)",
      "columns: 5 of 6 (certain)",
      "id: int (certain)",
      "price: decimal2 (certain)",
      "at: datetime 2006-01-02T15:04:05Z07:00 (certain)",
      "tags: string (likely)",
      "ok: bool (likely)",
    ]);
    const guessed = await guessedDraft(files, fileOf(lines.join("\n"), "a.ndjson"));
    const script = commentedScript(guessed, COMMENTED);
    expect(loads(script)).toEqual([]);
    expect(script).toContain(
      'col_at: { ndjson: { col_name: "at", col_format: "2006-01-02T15:04:05Z07:00" }, col_type: datetime }',
    );
    expect((await faultOf(found('{"a":1}\n{"a":\n{"a":2}\n'))).code).toBe("RECORD_INVALID");
    expect((await faultOf(found("{}\n"))).message).toContain("no line has a member");
  });

  test("finds the types of Parquet files, and says what is left out and what is rounded", async () => {
    const bytes = await duckFile(
      "select i, i * 1.5::decimal(9,2) as d, [i] as list, 'x' as s, 1.2345::decimal(9,4) as fine, time '10:00' as t from range(3) t(i)",
    );
    const url = fileOf(bytes, "a.parquet");
    const guessed = await guessedDraft(files, url);
    expect(
      guessed.findings.map(
        ({ what, found: type, confidence }) => `${what}: ${type} (${confidence})`,
      ),
    ).toEqual([
      "left out: list, t (certain)",
      "i: int (certain)",
      "d: decimal2 (certain)",
      "s: string (certain)",
      "fine: decimal2 (doubtful)",
    ]);
    expect(guessed.findings.at(-1)?.why).toBe("2 decimals are rounded away");
    const script = commentedScript(guessed, COMMENTED);
    expect(loads(script)).toEqual([]);
    expect(script).toContain('col_d: { parquet: { col_name: "d" }, col_type: decimal2 }');
    const lists = fileOf(await duckFile("select [1] as list"), "b.parquet");
    expect((await faultOf(guessedDraft(files, lists))).code).toBe("COLUMN_TYPE");
  });

  test("keeps padded numbers readable and exact numbers exact", async () => {
    const { draft } = await guessedDraft(files, fileOf("a,b\n 1,1.50\n2 ,2.50\n"));
    expect(draft.columns.map(({ readFormat }) => readFormat)).toEqual(["%d", ""]);
  });
});
