import { beforeAll, describe, expect, test } from "vitest";
import { readParquet, type BadCell } from "#pkg/formats/parquet";
import { valueAt, type Vector } from "#pkg/rowset";
import { readValues } from "./bad-values.ts";
import { toVector } from "./to-vector.ts";
import type { CellKind } from "./leaves.ts";
import type { Physical } from "./page-values.ts";
import { duckFile } from "./test-support/duck.ts";
import { fileOf, readAll, readerOf, type Columns } from "./test-support/read-all.ts";

const COLUMNS: Columns = { n: "int", s: "string" };
const ROWS = 10_000;

/** Every row but the empty ones; 64 different texts, so that they are kept in a dictionary. */
const QUERY = `select
  case when i % 5 = 1 then null when i % 100 = 42 then 18446744073709551615 else i end::ubigint as n,
  case when i % 100 = 42 or i % 100 = 77 then '\\xFFa'::blob else ('t' || i % 64)::blob end as s
  from range(${ROWS}) t(i)`;

let bytes: Uint8Array;
beforeAll(async () => {
  bytes = await duckFile(QUERY, ", row_group_size 4096");
});

interface Told extends Omit<BadCell, "fault"> {
  readonly code: string;
}

/** All cells that a reader tells, by row of the file, and the number of rows. */
async function told(blockRows: number): Promise<{ readonly rows: number; readonly bad: Told[] }> {
  const bad: Told[] = [];
  let rows = 0;
  for await (const block of readParquet({
    url: "x.parquet",
    node: "read",
    file: fileOf(bytes),
    reader: readerOf(COLUMNS),
    tellsBadCells: true,
    blockRows,
  })) {
    expect(block.firstRow).toBe(rows);
    for (const { row, column, text, fault } of block.bad) {
      expect(fault.message).toContain(`x.parquet row ${rows + row + 1}, column ${column}: `);
      expect(fault.stack).not.toContain("    at ");
      bad.push({ row: rows + row, column, text, code: fault.code });
    }
    if (block.bad.length > 0) {
      expect(block.rows).toBeLessThanOrEqual(4096);
      const value = valueAt(block.columns.get("s") as Vector, (block.bad[0] as BadCell).row);
      expect(value).toBe("");
    }
    rows += block.rows;
  }
  return { rows, bad };
}

describe("values that no cell can hold", () => {
  test("are told by row, of one row by column, whatever the blocks are", async () => {
    const expected = Array.from({ length: ROWS / 100 }, (_, hundred): readonly Told[] => [
      { row: hundred * 100 + 42, column: "n", text: "18446744073709551615", code: "CELL_INVALID" },
      { row: hundred * 100 + 42, column: "s", text: "\uFFFDa", code: "ENCODING_INVALID" },
      { row: hundred * 100 + 77, column: "s", text: "\uFFFDa", code: "ENCODING_INVALID" },
    ]).flat();
    for (const blockRows of [65_536, 1000, 43])
      expect(await told(blockRows)).toEqual({ rows: ROWS, bad: expected });
  });

  test("end the reading at the first of them when nobody asks to be told, named by row also in a dictionary", async () => {
    await expect(readAll(bytes, COLUMNS)).rejects.toMatchObject({
      code: "CELL_INVALID",
      message: "x.parquet row 43, column n: 18446744073709551615 is beyond 64 bits with a sign",
      facts: { file: "x.parquet", row: 43, column: "n" },
    });
    await expect(readAll(bytes, { s: "string" })).rejects.toMatchObject({
      code: "ENCODING_INVALID",
      message: "x.parquet row 43, column s: byte 1 of the cell (0xff) is not UTF-8",
    });
  });

  test("do no harm in a dictionary when no row has them", async () => {
    const good = await readAll(bytes, COLUMNS, { tellsBadCells: true });
    expect(good.filter(([n, s]) => n === "0" && s === "t0")).not.toHaveLength(0);
  });
});

interface Case {
  readonly kind: CellKind;
  readonly values: Physical;
  /** The same with the default where a value is bad. */
  readonly others: Physical;
  readonly texts: readonly string[];
}

const julian = (days: bigint): bigint => days << 64n;

describe("of every kind the bad values are found and the others read as they are alone", () => {
  test.each<Case>([
    {
      kind: { type: "int", unsigned: true },
      values: BigInt64Array.of(1n, -1n, 3n),
      others: BigInt64Array.of(1n, 0n, 3n),
      texts: ["18446744073709551615"],
    },
    {
      kind: { type: "datetime", unit: "days" },
      values: Int32Array.of(1, 2_000_000_000, -2_000_000_000),
      others: Int32Array.of(1, 0, 0),
      texts: ["2000000000", "-2000000000"],
    },
    {
      kind: { type: "datetime", unit: "ms" },
      values: BigInt64Array.of(5n, 2n ** 60n),
      others: BigInt64Array.of(5n, 0n),
      texts: ["1152921504606846976"],
    },
    {
      kind: { type: "datetime", unit: "us" },
      values: BigInt64Array.of(5000n, 2n ** 63n - 1n),
      others: BigInt64Array.of(5000n, 0n),
      texts: ["9223372036854775807"],
    },
    {
      kind: { type: "datetime", unit: "int96" },
      values: [julian(2_440_589n), julian(2n ** 31n)],
      others: [julian(2_440_589n), julian(2_440_588n)],
      texts: [String(julian(2n ** 31n))],
    },
    {
      kind: { type: "string" },
      values: { offsets: Int32Array.of(0, 1, 3, 4), bytes: Uint8Array.of(0x61, 0xc3, 0x28, 0x62) },
      others: { offsets: Int32Array.of(0, 1, 1, 2), bytes: Uint8Array.of(0x61, 0x62) },
      texts: ["\uFFFD("],
    },
  ])("$kind", ({ kind, values, others, texts }) => {
    expect(() => toVector(kind, values)).toThrow();
    const { vector, bad } = readValues(kind, values);
    expect(vector).toEqual(toVector(kind, others));
    const entries = [...(bad?.flags ?? [])].flatMap((flag, entry) => (flag === 1 ? [entry] : []));
    expect(entries.map((entry) => bad?.textOf(entry))).toEqual(texts);
  });

  test("a text that is too large is told with its beginning", () => {
    const large = new Uint8Array(64 * 1024 * 1024 + 2).fill(0x61);
    const { vector, bad } = readValues(
      { type: "string" },
      { offsets: Int32Array.of(0, 1, large.length), bytes: large },
    );
    expect([valueAt(vector, 0), valueAt(vector, 1)]).toEqual(["a", ""]);
    expect(bad?.problemOf(1)).toEqual({
      code: "CELL_TOO_LARGE",
      message: "the cell has more than 64 MB",
    });
    expect(bad?.textOf(1)).toBe("a".repeat(1024));
  });
});

test("microseconds reach as far as the calendar, the year 9999 among them", async () => {
  const end = await duckFile(`select timestamp '9999-12-31 23:59:59.5' as t`);
  expect(await readAll(end, { t: "datetime" })).toEqual([["9999-12-31 23:59:59.5 +0000 UTC"]]);
});
