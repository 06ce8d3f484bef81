import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parquetColumns, parquetRanges, readParquet } from "#pkg/formats/parquet";
import { columnFrom, valueAt, vectorFrom, vectorRows, type Vector } from "#pkg/rowset";
import { DEFAULT_DATETIME_MS, FIELD_TYPES, type FieldType, type Value } from "#pkg/value";
import { VALUES } from "../../rowset/test-support/arbitrary-rowset.ts";
import { duck, duckFile } from "./test-support/duck.ts";
import { fileBytes, fileOf, readAll, readerOf, type Columns } from "./test-support/read-all.ts";
import { toVector } from "./to-vector.ts";

const CODECS = ["gzip", "snappy", "uncompressed"] as const;
const place = { url: "x.parquet", node: "read" };

const writerOf = (columns: Columns, codec: (typeof CODECS)[number] = "gzip") => ({
  codec,
  columns: Object.entries(columns).map(([header, type]) => ({ header, type })),
});

const datetime = (text: string): Value => ({
  ns: BigInt(Date.parse(text)) * 1_000_000n,
  offset: 0,
  zone: "UTC",
});

const EVERY: Columns = {
  i: "int",
  f: "float",
  d: "decimal2",
  s: "string",
  b: "bool",
  t: "datetime",
};

async function valuesOf(bytes: Uint8Array, name: string, type: FieldType): Promise<Value[]> {
  const values: Value[] = [];
  const options = {
    ...place,
    file: fileOf(bytes),
    reader: readerOf({ [name]: type }),
    blockRows: 7,
  };
  for await (const { columns, rows } of readParquet(options))
    for (let row = 0; row < rows; row++) values.push(valueAt(columns.get(name) as Vector, row));
  return values;
}

/** -0 is written as it is; equality of texts would not see it, equality of values must not mind decimals' scales. */
const plain = (value: Value): unknown =>
  typeof value === "object" && "digits" in value
    ? value.digits * 10n ** BigInt(2 - value.scale)
    : value;

describe("what is written is read again", () => {
  test.each(FIELD_TYPES)("%s", async (type) => {
    const rows = fc.array(VALUES[type], { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(...CODECS), async (values, codec) => {
        const vectors = [columnFrom(type, values)];
        const bytes = fileBytes(writerOf({ x: type }, codec), [{ rows: values.length, vectors }]);
        expect((await valuesOf(bytes, "x", type)).map(plain)).toEqual(values.map(plain));
      }),
      { numRuns: 60 },
    );
  });

  test("the same bytes come out, whatever the blocks are and however they hold texts", () => {
    const texts = Array.from({ length: 5000 }, (_, row) => `text ${row % 900}`);
    const numbers = texts.map((_, row) => BigInt(row));
    const writer = writerOf({ s: "string", i: "int" });
    const block = (from: number, to: number, coded: boolean) => {
      const plainTexts = columnFrom("string", texts.slice(from, to));
      const codes = Int32Array.from({ length: to - from }, (_, row) => row);
      const s = coded && plainTexts.type === "string" ? { ...plainTexts, codes } : plainTexts;
      return { rows: to - from, vectors: [s, columnFrom("int", numbers.slice(from, to))] };
    };
    const whole = fileBytes(writer, [block(0, 5000, false)]);
    const parts = fileBytes(writer, [
      block(0, 1, true),
      block(1, 2500, false),
      block(2500, 5000, true),
    ]);
    expect(Buffer.compare(whole, parts)).toBe(0);
  });

  test("in several row groups, which are ranges that can be read alone", async () => {
    const rows = 300_000;
    const vectors = [
      { type: "int", values: Float64Array.from({ length: rows }, (_, row) => row) },
      columnFrom(
        "string",
        Array.from({ length: rows }, (_, row) => `t${row % 100_003}`),
      ),
    ] as const;
    const columns: Columns = { i: "int", s: "string" };
    const bytes = fileBytes(writerOf(columns, "snappy"), [{ rows, vectors }]);
    const ranges = await parquetRanges(fileOf(bytes), 1, place);
    expect(ranges.map(({ firstGroup, groups }) => ({ firstGroup, groups }))).toEqual(
      ranges.map((_, at) => ({ firstGroup: at, groups: 1 })),
    );
    expect(ranges.length).toBeGreaterThan(2);
    let next = 0;
    for (const range of ranges) {
      expect(range.row).toBe(next);
      for await (const block of readParquet({
        ...place,
        file: fileOf(bytes),
        reader: readerOf(columns),
        range,
      })) {
        expect(block.firstRow).toBe(next);
        const ids = block.columns.get("i") as Vector;
        const texts = block.columns.get("s") as Vector;
        for (let row = 0; row < block.rows; row += 997) {
          expect(valueAt(ids, row)).toBe(BigInt(next + row));
          expect(valueAt(texts, row)).toBe(`t${(next + row) % 100_003}`);
        }
        next += block.rows;
      }
    }
    expect(next).toBe(rows);
    expect(await parquetRanges(fileOf(bytes), bytes.length, place)).toHaveLength(1);
  });

  test("row groups end at a number of bytes too, so that large texts need little memory", async () => {
    const cell = "x".repeat(4 * 1024 * 1024);
    const blocks = Array.from({ length: 20 }, () => ({
      rows: 1,
      vectors: [columnFrom("string", [cell])],
    }));
    const bytes = fileBytes(writerOf({ s: "string" }), blocks);
    expect(await parquetRanges(fileOf(bytes), 1, place)).toHaveLength(3);
    expect((await readAll(bytes, { s: "string" })).every(([text]) => text === cell)).toBe(true);
  });

  test("of decimals finer than cents the finer digits are cut off, as in the reference", async () => {
    const exact = vectorFrom("decimal2", [
      { digits: 1009n, scale: 3 },
      { digits: -1009n, scale: 3 },
      { digits: -9n, scale: 3 },
      { digits: 5n, scale: 0 },
    ]);
    const bytes = fileBytes(writerOf({ d: "decimal2" }), [{ rows: 4, vectors: [exact] }]);
    expect(await readAll(bytes, { d: "decimal2" })).toEqual([["1"], ["-1"], ["0"], ["5"]]);
  });
});

describe("DuckDB reads what is written", () => {
  const values = (row: number): readonly Value[] => [
    row === 0 ? 2n ** 63n - 1n : BigInt(row) * -1n,
    row / 4,
    { digits: row === 0 ? 123_456_789_012_345_678n : BigInt(row), scale: 2 },
    `Größe ${row % 5}`,
    row % 2 === 0,
    row === 1
      ? { ns: BigInt(DEFAULT_DATETIME_MS) * 1_000_000n, offset: 0, zone: "UTC" }
      : datetime("2024-02-29T23:59:59.999Z"),
  ];
  const bytesOf = (rows: number, codec: (typeof CODECS)[number]): Uint8Array => {
    const vectors = Object.values(EVERY).map((type, at) =>
      columnFrom(
        type,
        Array.from({ length: rows }, (_, row) => values(row)[at] as Value),
      ),
    );
    return fileBytes(writerOf(EVERY, codec), [{ rows, vectors }]);
  };

  test.each(CODECS)("%s", async (codec) => {
    const x = bytesOf(30_000, codec);
    const select = `select i::varchar, f::varchar, d::varchar, s, b::varchar, t::varchar from '$x.parquet'`;
    const rows = await duck(`${select} limit 3`, { "x.parquet": x });
    expect(rows).toEqual([
      [
        "9223372036854775807",
        "0.0",
        "1234567890123456.78",
        "Größe 0",
        "true",
        "2024-02-29 23:59:59.999",
      ],
      ["-1", "0.25", "0.01", "Größe 1", "false", null],
      ["-2", "0.5", "0.02", "Größe 2", "true", "2024-02-29 23:59:59.999"],
    ]);
    const sums = `select count(*)::int, sum(f), count(distinct s)::int, sum(b::int)::int, count(t)::int from '$x.parquet'`;
    expect(await duck(sums, { "x.parquet": x })).toEqual([
      [30_000, 112_496_250, 5, 15_000, 29_999],
    ]);
  });

  test("with the types that were meant, also without rows", async () => {
    const x = bytesOf(0, "gzip");
    expect(await duck(`select count(*)::int from '$x.parquet'`, { "x.parquet": x })).toEqual([[0]]);
    const types = await duck(
      `select column_name, column_type from (describe select * from '$x.parquet')`,
      { "x.parquet": x },
    );
    expect(Object.fromEntries(types)).toEqual({
      i: "BIGINT",
      f: "DOUBLE",
      d: "DECIMAL(18,2)",
      s: "VARCHAR",
      b: "BOOLEAN",
      t: "TIMESTAMP",
    });
    expect(await readAll(x, EVERY)).toEqual([]);
    expect(await parquetRanges(fileOf(x), 1, place)).toEqual([]);
  });
});

describe("files of DuckDB are read", () => {
  const QUERY = `select i::bigint as big, (i - 3)::tinyint as tiny, (4294967290 + i)::uinteger as u32,
    'text ' || (i % 7) as s, case when i % 3 = 0 then null else 'é' || i end as sn, 'x'::blob as raw,
    (i * 1.01)::decimal(18,2) as d2, (i * -1.0001)::decimal(38,4) as d4, i::decimal(9,0) as d0, (i - 5)::decimal(25,2) as wide,
    i * 1.5::double as f, case when i = 2 then null else (i * 0.5)::float end as f4, case when i = 1 then null else i % 2 = 0 end as b,
    (timestamp '2024-01-01 00:00:00' + to_microseconds(i * 500)) as us, timestamp_ms '1969-12-31 23:59:59.001' as ms,
    timestamp_ns '2024-01-01 00:00:00.000000001' as ns, date '0001-01-01' + i::int as day, null::int as nothing,
    [i, i] as list, {'a': i, 'b': 'x'} as struct, map {'k': i} as map, time '01:02:03' as clock, uuid() as id
    from range(0, 5) t(i)`;
  const COLUMNS: Columns = {
    big: "int",
    tiny: "int",
    u32: "int",
    s: "string",
    sn: "string",
    raw: "string",
    d2: "decimal2",
    d4: "decimal2",
    d0: "decimal2",
    wide: "decimal2",
    f: "float",
    f4: "float",
    b: "bool",
    us: "datetime",
    ms: "datetime",
    ns: "datetime",
    day: "datetime",
    nothing: "int",
  };
  const kinds = ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"].flatMap((codec) =>
    ["V1", "V2"].map((version) => ({ codec, version })),
  );

  test.each(kinds)("$codec, pages of $version", async ({ codec, version }) => {
    const bytes = await duckFile(QUERY, `, codec ${codec}, parquet_version ${version}`);
    const rows = await readAll(bytes, COLUMNS, { blockRows: 2 });
    expect(rows[2]?.join("|")).toBe(
      "2|-1|4294967292|text 2|é2|x|2.02|-2.0002|2|-3|3|0|true|2024-01-01 00:00:00.001 +0000 UTC|" +
        "1969-12-31 23:59:59.001 +0000 UTC|2024-01-01 00:00:00.000000001 +0000 UTC|0001-01-03 00:00:00 +0000 UTC|0",
    );
    expect(rows[1]?.[12]).toBe("false");
    expect(rows[1]?.[13]).toBe("2024-01-01 00:00:00.0005 +0000 UTC");
    expect(rows[3]?.[4]).toBe("");
    expect(rows).toHaveLength(5);
  });

  test("many pages of different sizes, with dictionaries and without", async () => {
    const query = `select i, case when i % 10 = 0 then null else md5(i::varchar) end as s, 'k' || (i % 50) as k from range(0, 250000) t(i)`;
    const bytes = await duckFile(query, ", row_group_size 100000");
    const columns: Columns = { i: "int", s: "string", k: "string" };
    const rows = await readAll(bytes, columns);
    expect(rows).toHaveLength(250_000);
    expect(rows[240_001]?.[0]).toBe("240001");
    expect(rows[240_001]?.[2]).toBe("k1");
    expect(rows.filter(([, s]) => s === "")).toHaveLength(25_000);
  });

  test("names and types are known without reading rows", async () => {
    const found = await parquetColumns(fileOf(await duckFile(QUERY)), place);
    expect(found.slice(0, 3)).toEqual([
      { name: "big", type: "int" },
      { name: "tiny", type: "int" },
      { name: "u32", type: "int" },
    ]);
    expect(found.slice(-5).map(({ type }) => type)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  test("a column that is missing, of another type or nested is named with what the file has", async () => {
    const bytes = await duckFile(QUERY);
    await expect(readAll(bytes, { nobody: "int" })).rejects.toMatchObject({
      code: "HEADER_INVALID",
      message: expect.stringContaining(
        'x.parquet: no column "nobody"; found "big", "tiny"',
      ) as string,
    });
    await expect(readAll(bytes, { s: "int" })).rejects.toMatchObject({
      code: "COLUMN_TYPE",
      message: "x.parquet, column s: the file holds string, but col_type of s is int",
    });
    for (const [name, found] of [
      ["list", "nested"],
      ["struct", "nested"],
      ["clock", "TIME"],
      ["id", "UUID"],
    ])
      await expect(readAll(bytes, { [name as string]: "string" })).rejects.toMatchObject({
        code: "COLUMN_TYPE",
        message: expect.stringContaining(`the file holds ${found}`) as string,
      });
  });
});

describe("values as they are kept in the file", () => {
  const bytes = (...all: number[]) => Uint8Array.from(all);

  test("decimals of any length have the sign of their first bit", () => {
    const fixed = [bytes(0x7f), bytes(0x80), bytes(0xff), bytes(0x10), bytes()];
    const vector = toVector({ type: "decimal2", scale: 2 }, fixed);
    expect(vector).toEqual({ type: "decimal2", values: Float64Array.of(127, -128, -1, 16, 0) });
    const long = [
      bytes(...Array.from({ length: 16 }, () => 0xff)),
      bytes(1, 0, 0, 0, 0, 0, 0, 0, 0),
    ];
    expect(toVector({ type: "decimal2", scale: 0 }, long)).toEqual({
      type: "decimal2",
      exact: [
        { digits: -1n, scale: 0 },
        { digits: 2n ** 64n, scale: 0 },
      ],
    });
    const texts = { offsets: Int32Array.of(0, 1, 3), bytes: bytes(5, 1, 0) };
    expect(toVector({ type: "decimal2", scale: 1 }, texts)).toEqual({
      type: "decimal2",
      values: Float64Array.of(50, 2560),
    });
    expect(toVector({ type: "decimal2", scale: -2 }, Int32Array.of(3))).toEqual({
      type: "decimal2",
      values: Float64Array.of(30_000),
    });
  });

  test("64-bit values stay exact", () => {
    const big = BigInt64Array.of(2n ** 62n, -5n);
    expect(toVector({ type: "int", unsigned: false }, big)).toEqual({ type: "int", values: big });
    const decimals = toVector({ type: "decimal2", scale: 2 }, big);
    expect(valueAt(decimals, 0)).toEqual({ digits: 2n ** 62n, scale: 2 });
    expect(vectorRows(decimals)).toBe(2);
  });

  test("an unsigned value beyond 64 bits with a sign is refused, not wrapped", () => {
    const wide = BigInt64Array.of(1n, -1n);
    expect(() => toVector({ type: "int", unsigned: true }, wide)).toThrow(
      "18446744073709551615 is beyond",
    );
    expect(toVector({ type: "int", unsigned: true }, BigInt64Array.of(7n))).toEqual({
      type: "int",
      values: Float64Array.of(7),
    });
  });

  test("old timestamps of 96 bits", () => {
    const julian = (days: bigint, ns: bigint) => (days << 64n) | ns;
    const kind = { type: "datetime", unit: "int96" } as const;
    const day = julian(2_440_589n, 1_000_000n);
    expect(toVector(kind, [day])).toEqual({
      type: "datetime",
      values: Float64Array.of(86_400_001),
    });
    expect(valueAt(toVector(kind, [day + 1n]), 0)).toEqual({
      ns: 86_400_001_000_001n,
      offset: 0,
      zone: "UTC",
    });
  });

  test("a time beyond every calendar is refused", () => {
    const kind = { type: "datetime", unit: "ms" } as const;
    expect(() => toVector(kind, BigInt64Array.of(0n, 2n ** 60n))).toThrow(
      "no time that a calendar shows",
    );
    expect(() => toVector(kind, BigInt64Array.of(2n ** 52n * 2n - 1n))).toThrow(
      "no time that a calendar shows",
    );
  });

  test("half floats", () => {
    expect(toVector({ type: "float", half: true }, [bytes(0x00, 0x3c)])).toEqual({
      type: "float",
      values: Float64Array.of(1),
    });
  });

  test("texts that are not UTF-8 are named by row and column", async () => {
    const bytes = await duckFile(
      `select case when i = 3 then '\\xFF'::blob else 'ok'::blob end as s from range(5) t(i)`,
    );
    await expect(readAll(bytes, { s: "string" })).rejects.toMatchObject({
      code: "ENCODING_INVALID",
      message: expect.stringContaining(
        "column s: byte 1 of the cell (0xff) is not UTF-8",
      ) as string,
    });
    const cut = { offsets: Int32Array.of(0, 1, 2), bytes: Uint8Array.of(0xc3, 0xa9) };
    expect(() => toVector({ type: "string" }, cut)).toThrow("byte 1 of the cell (0xc3)");
  });
});
