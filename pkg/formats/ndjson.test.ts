import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ndjsonEncoder,
  readNdjson,
  scanNdjsonRanges,
  type CsvReaderColumn,
  type NdjsonReadOptions,
} from "#pkg/formats";
import { columnFrom, valueAt, vectorFrom, type Vector } from "#pkg/rowset";
import { FIELD_TYPES, valueToText, type FieldType, type Value } from "#pkg/value";
import { VALUES } from "../rowset/test-support/arbitrary-rowset.ts";
import { isFault } from "#pkg/fault";
import { memoryFile } from "./memory-file.ts";
import type { BadRecord } from "./types.ts";

const JSON_TIME = "2006-01-02T15:04:05Z07:00";

const column = (
  header: string,
  type: FieldType,
  more: Partial<CsvReaderColumn> = {},
): CsvReaderColumn => ({
  name: header,
  type,
  header,
  index: 0,
  format: type === "datetime" ? JSON_TIME : "",
  defaultText: "",
  ...more,
});

async function read(
  text: string | Uint8Array,
  columns: readonly CsvReaderColumn[],
  more: Partial<NdjsonReadOptions> = {},
): Promise<string[][]> {
  const rows: string[][] = [];
  const options = { url: "x.ndjson", node: "read", file: memoryFile(text), reader: { columns } };
  for await (const block of readNdjson({ ...options, ...more }))
    for (let row = 0; row < block.rows; row++)
      rows.push([
        `${block.lineOf(row)}`,
        ...columns.map(({ name, type }) =>
          valueToText(type, valueAt(block.columns.get(name) as Vector, row)),
        ),
      ]);
  return rows;
}

describe("lines are rows", () => {
  const columns = [column("id", "int"), column("name", "string"), column("at", "datetime")];

  test("members are found by name in any order; others are passed over", async () => {
    const text = [
      '{"id": 1, "name": "a", "at": "2024-01-02T03:04:05.678Z"}',
      "",
      '{"more": {"id": [9, "}"]}, "at": "2024-01-02T03:04:05+01:00", "name": "b\\n\\u00e9", "id": "2"}\r',
      '{ "id":9007199254740993,"name":null }',
      "  {}  ",
      '{"id":1,"id":2,"n\\u0061me":"c"}',
    ].join("\n");
    expect(await read(text, columns)).toEqual([
      ["1", "1", "a", "2024-01-02 03:04:05.678 +0000 UTC"],
      ["3", "2", "b\né", "2024-01-02 03:04:05 +0100 +0100"],
      ["4", "9007199254740993", "", "0001-01-01 00:00:00 +0000 UTC"],
      ["5", "0", "", "0001-01-01 00:00:00 +0000 UTC"],
      ["6", "2", "c", "0001-01-01 00:00:00 +0000 UTC"],
    ]);
  });

  test("a byte order mark is no data, and blocks and windows of any size give the same", async () => {
    const text = `\uFEFF${Array.from({ length: 300 }, (_, i) => `{"id":${i},"name":"${"x".repeat(i)}"}`).join("\n")}`;
    const all = await read(text, columns);
    expect(all).toHaveLength(300);
    expect(await read(text, columns, { blockBytes: 64, blockRows: 7 })).toEqual(all);
    expect(await read(`${text}\n`, columns, { blockBytes: 100 })).toEqual(all);
  });

  test("numbers, truth values and nested values are texts where texts are wanted", async () => {
    const text = '{"name":[1,{"a":"]"}],"id":"7"}\n{"name":true}\n{"name":-1.5e3}';
    expect((await read(text, columns)).map((row) => row[2])).toEqual([
      '[1,{"a":"]"}]',
      "true",
      "-1.5e3",
    ]);
  });

  test("empty cells become the default text", async () => {
    const withDefault = [
      column("id", "int", { defaultText: "7" }),
      column("f", "float"),
      column("b", "bool"),
    ];
    expect(await read('{"id":null,"b":true,"f":1e3}\n{}', withDefault)).toEqual([
      ["1", "7", "1000", "true"],
      ["2", "7", "0", "false"],
    ]);
  });

  test("ranges of whole lines give the whole file", async () => {
    const text = Array.from({ length: 200 }, (_, i) => `{"id":${i}}\n`).join("");
    const ranges = await scanNdjsonRanges(memoryFile(text), 100);
    expect(ranges.length).toBeGreaterThan(10);
    const rows: string[][] = [];
    for (const range of ranges) rows.push(...(await read(text, columns, { range })));
    expect(rows).toEqual(await read(text, columns));
    expect(await scanNdjsonRanges(memoryFile(""), 100)).toEqual([]);
    expect(await scanNdjsonRanges(memoryFile('{"id":1}'), 100)).toHaveLength(1);
  });
});

describe("a line that is not right", () => {
  const columns = [column("id", "int"), column("name", "string")];
  test.each([
    ["[1]", 1, "an object was expected"],
    ['{"id":1} x', 10, "something follows the object"],
    ['{"id":1', 8, "a comma or the end of the object was expected"],
    ['{"id" 1}', 7, "a colon was expected"],
    ["{id:1}", 2, "a name in quotes was expected"],
    ['{"id":}', 7, "a value was expected"],
    ['{"id":01}', 7, "a value was expected"],
    ['{"name":"a', 9, "a text is not closed"],
    ['{"name":"a\tb"}', 11, "a control character stands in a text"],
    ['{"name":"\\x"}', 10, "a text has an escape that JSON does not know"],
    ['{"name":[1', 11, "an object or list is not closed"],
    ['{"id":1,}', 9, "a name in quotes was expected"],
  ])("%s", async (line, at, message) => {
    await expect(read(`{"id":1}\n${line}`, columns)).rejects.toMatchObject({
      code: "RECORD_INVALID",
      message: `x.ndjson line 2, column ${at}: ${message}`,
    });
  });

  test("a value of another type names line, column and text", async () => {
    await expect(read('{"id":1}\n{"id":"x1"}', columns)).rejects.toMatchObject({
      code: "CELL_INVALID",
      message: 'x.ndjson line 2, column id: "x1" is not an int',
    });
    await expect(read('{"id":1.5}', columns)).rejects.toMatchObject({ code: "CELL_INVALID" });
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    await expect(read(bytes, columns)).rejects.toMatchObject({ code: "ENCODING_INVALID" });
  });

  test("is left out, or read with its corrected texts, where somebody takes note of it", async () => {
    const rejected: BadRecord[] = [];
    let known = 0;
    const text =
      '{"id":1,"name":"a"}\n{"name":"b","id":"x"}\n{oops\n{"id":"y"}\n{"id":"z"}\n{"name":"e"}';
    const rows = await read(text, columns, {
      badRecords: {
        knows: (line) => line <= known,
        learn: (line) => {
          known = line;
          return Promise.resolve();
        },
        corrected: ({ line }) =>
          line === 4 ? new Map([["id", "44"]]) : line === 5 ? new Map([["id", "w"]]) : undefined,
        reject: (record) => rejected.push(record),
      },
    });
    expect(rows).toEqual([
      ["1", "1", "a"],
      ["4", "44", ""],
      ["6", "0", "e"],
    ]);
    expect(rejected.map(({ line, record, cells }) => [line, record, [...cells.values()]])).toEqual([
      [2, '{"name":"b","id":"x"}', ["x", "b"]],
      [3, "{oops", []],
      [5, '{"id":"z"}', ["w"]],
    ]);
  });
});

describe("what is written is read again", () => {
  /** What the text of a value can hold: JSON has no NaN and infinity, and datetimes have four digits of a year. */
  const fits = (type: FieldType, value: Value): boolean => {
    if (type === "float") return Number.isFinite(value);
    return type !== "datetime" || (value as { ns: bigint }).ns >= -62_135_596_800_000_000_000n;
  };

  test.each(FIELD_TYPES)("%s", async (type) => {
    const values = fc.array(
      VALUES[type].filter((value) => fits(type, value)),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(values, async (cells) => {
        const encoder = ndjsonEncoder({ columns: [{ type, header: 'x"', format: "" }] });
        const bytes = encoder.rows([columnFrom(type, cells)], cells.length);
        const back = await read(bytes, [column('x"', type)]);
        expect(back.map((row) => row[1])).toEqual(
          cells.map((cell) => valueToText(type, typeof cell === "number" && cell === 0 ? 0 : cell)),
        );
      }),
      { numRuns: 50 },
    );
  });

  test("layouts of datetimes, zones and what is no number", () => {
    const encoder = ndjsonEncoder({
      columns: [
        { type: "datetime", header: "d", format: "2006-01-02 -07:00" },
        { type: "datetime", header: "z", format: "" },
        { type: "float", header: "f", format: "" },
        { type: "decimal2", header: "m", format: "" },
      ],
    });
    const at = vectorFrom("datetime", [
      { ns: 1_704_164_645_678_900_000n, offset: 3600, zone: "CET" },
    ]);
    const nan = columnFrom("float", [Number.NaN]);
    const money = columnFrom("decimal2", [{ digits: -5n, scale: 2 }]);
    expect(Buffer.from(encoder.rows([at, at, nan, money], 1)).toString()).toBe(
      '{"d":"2024-01-02 +01:00","z":"2024-01-02T04:04:05.678+01:00","f":null,"m":-0.05}\n',
    );
    expect(encoder.header()).toHaveLength(0);
    expect(encoder.end()).toHaveLength(0);
  });
});

test("of a key that a line has twice the last value counts, also after one that a double cannot hold", async () => {
  const line = '{"id":9007199254740993,"id":5}\n{"id":1,"id":9007199254740993}\n';
  const rows = await read(Buffer.from(line), [column("id", "int")]);
  expect(rows.map((row) => row[1])).toEqual(["5", "9007199254740993"]);
});

test("any change of bytes gives rows or a Fault", async () => {
  const columns = [column("id", "int"), column("name", "string"), column("at", "datetime")];
  const lines = Array.from(
    { length: 20 },
    (_, i) =>
      `{"id":${i},"name":"n\\u00e9${i}","at":"2024-01-02T03:04:05Z","more":[1,{"a":"b"}]}\n`,
  ).join("");
  const change = fc.record({ at: fc.nat(lines.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(lines);
      for (const { at, byte } of changes) bytes[at] = byte;
      try {
        await read(bytes, columns, { blockBytes: 200 });
      } catch (error) {
        if (!isFault(error) || error.code === "INTERNAL") throw error;
      }
    }),
    { numRuns: Number(process.env["CAPI_FUZZ"] ?? 400), seed: 20_261_125 },
  );
}, 120_000);
