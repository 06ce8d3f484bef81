import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { RejectedRow } from "#pkg/table";
import { duckFile } from "../formats/parquet/test-support/duck.ts";
import { tableFile, type Types } from "./test-support/nodes.ts";
import type { Decisions } from "./test-support/decisions.ts";
import { rejectedRowsOf } from "./test-support/rejected-rows.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES: Types = { n: "int", div: "int", s: "string" };
const OUT: Types = { n: "int", share: "int", s: "string" };

const nodes = (settings: object, reader: object = {}): object => ({
  read_rows: {
    type: "file_table",
    ...settings,
    r: {
      urls: ["in/a.parquet"],
      ...reader,
      columns: Object.fromEntries(
        Object.entries(TYPES).map(([name, type]) => [
          name,
          { parquet: { col_name: name }, col_type: type },
        ]),
      ),
    },
    w: {
      name: "rows",
      fields: {
        n: { expression: "r.n", type: "int" },
        share: { expression: "100 / r.div", type: "int" },
        s: { expression: "r.s", type: "string" },
      },
    },
  },
  ...tableFile("rows", OUT),
});

const REJECT = { on_error: "reject" };
const GROUP = 2048;
const ROWS = 3 * GROUP;
/** Rows with a bad cell, and one whose expression fails among them. */
const BAD_N = [3, 2050, 6000];
const BAD_S = [4, 2050];
const ZERO = [5];

const listed = (rows: readonly number[]): string => (rows.length === 0 ? "-1" : rows.join(","));

const file = (bad: { n: readonly number[]; s: readonly number[]; zero: readonly number[] }) =>
  duckFile(
    `select case when i in (${listed(bad.n)}) then 18446744073709551615 else i end::ubigint as n,
       case when i in (${listed(bad.zero)}) then 0 else 1 + i % 3 end::int as div,
       case when i in (${listed(bad.s)}) then '\\xFF'::blob else 'x'::blob end as s
     from range(${ROWS}) t(i)`,
    `, row_group_size ${GROUP}`,
  );

let bad: Uint8Array;
let good: Uint8Array;
beforeAll(async () => {
  bad = await file({ n: BAD_N, s: BAD_S, zero: ZERO });
  good = await file({ n: [], s: [], zero: [] });
});

async function runBytes(
  bytes: Uint8Array,
  script: object,
  options: RunOptions = {},
): Promise<ScriptRun> {
  const run = new ScriptRun({}, options);
  run.files.inputs.set("in/a.parquet", bytes);
  await run.run(script);
  return run;
}

const shown = ({ file: url, line, column, value, reason, message }: RejectedRow): string =>
  `${url}:${line} ${column} ${JSON.stringify(value)} ${reason} ${message}`;

test("P7: bad cells and failing expressions of a Parquet file, by number of row with what was read", async () => {
  const run = await runBytes(bad, nodes(REJECT));
  const rows = await rejectedRowsOf(run, "read_rows");
  expect(rows.map(shown)).toEqual([
    'in/a.parquet:4 n "18446744073709551615" CELL_INVALID 18446744073709551615 is beyond 64 bits with a sign',
    'in/a.parquet:5 s "\uFFFD" ENCODING_INVALID byte 1 of the cell (0xff) is not UTF-8',
    'in/a.parquet:6 share "0" EXPRESSION_ROW division by zero: the right side of / is 0',
    'in/a.parquet:2051 n "18446744073709551615" CELL_INVALID 18446744073709551615 is beyond 64 bits with a sign',
    'in/a.parquet:6001 n "18446744073709551615" CELL_INVALID 18446744073709551615 is beyond 64 bits with a sign',
  ]);
  expect(rows[3]?.values).toEqual({ n: "18446744073709551615", div: "2", s: "\uFFFD" });
  expect(run.outcomes.get("read_rows/rows/0")?.counts).toEqual({
    read: ROWS,
    written: ROWS - 5,
    filtered: 0,
    rejected: 5,
    duplicates: 0,
  });
});

test("on_error of the reader is for cells alone; without it the first bad cell fails the batch", async () => {
  await expect(runBytes(bad, nodes({}, REJECT))).rejects.toMatchObject({ code: "EXPRESSION_ROW" });
  await expect(runBytes(bad, nodes(REJECT, { on_error: "fail" }))).rejects.toMatchObject({
    code: "CELL_INVALID",
    message: expect.stringContaining("in/a.parquet row 4, column n: ") as string,
  });
});

test("damage of the file stays a fault of its batch", async () => {
  const cut = bad.slice(0, bad.length - 100);
  await expect(runBytes(cut, nodes(REJECT))).rejects.toMatchObject({ code: "FILE_DAMAGED" });
});

test("P2: ranges and chunks change nothing about what is rejected", async () => {
  const expected = (await rejectedRowsOf(await runBytes(bad, nodes(REJECT)), "read_rows")).map(
    shown,
  );
  for (const rangeSize of [1, 1000]) {
    const run = await runBytes(bad, nodes(REJECT), { constants: { rangeSize, chunkRows: 100 } });
    expect(run.committed("read_rows", "rows").length).toBeGreaterThan(1);
    expect((await rejectedRowsOf(run, "read_rows")).map(shown)).toEqual(expected);
  }
});

test("P2: a file without rows gives an empty table, also when it is large", async () => {
  const none = await duckFile(
    "select 1::int as n, 1::int as div, 'x'::blob as s from range(0)",
    "",
  );
  for (const rangeSize of [1, 2 ** 26]) {
    const run = await runBytes(none, nodes(REJECT), { constants: { rangeSize } });
    expect(run.files.finished.get("out/rows.csv"), String(rangeSize)).toBe("n,share,s\n");
  }
});

test("P2, P7: corrected rows give what the good file gives, in any ranges", async () => {
  const rejected = await rejectedRowsOf(await runBytes(bad, nodes(REJECT)), "read_rows");
  const expected = (await runBytes(good, nodes(REJECT))).files.finished.get("out/rows.csv");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 20_000, 1 << 30), async (rangeSize) => {
      const corrected = rejected.map(({ input, file: url, line }) => {
        const values = { n: String(line - 1), div: String(1 + ((line - 1) % 3)), s: "x" };
        return { node: "read_rows", input, file: url, line, values };
      });
      const corrections: Decisions = { corrected, waived: [] };
      const run = await runBytes(bad, nodes(REJECT), { corrections, constants: { rangeSize } });
      expect(run.files.finished.get("out/rows.csv")).toBe(expected);
      const counts = run.committed("read_rows", "rows").map(({ outcome }) => outcome.counts);
      expect(counts.reduce((sum, each) => sum + (each.corrected ?? 0), 0)).toBe(rejected.length);
    }),
    { numRuns: 3 },
  );
});

test("a correction of one cell leaves a row rejected whose other cell is as bad; a waiver counts it apart", async () => {
  const [, second, , third] = await rejectedRowsOf(await runBytes(bad, nodes(REJECT)), "read_rows");
  const at = (row: RejectedRow | undefined) => ({
    node: "read_rows",
    input: row?.input ?? "",
    file: "in/a.parquet",
    line: row?.line ?? 0,
  });
  const corrections: Decisions = {
    corrected: [{ ...at(third), values: { n: "7" } }],
    waived: [at(second)],
  };
  const run = await runBytes(bad, nodes(REJECT), { corrections });
  const rows = await rejectedRowsOf(run, "read_rows");
  expect(rows[1]).toMatchObject({ line: 5, isWaived: true });
  expect(rows[3]).toMatchObject({ line: 2051, column: "s", values: { n: "7", s: "\uFFFD" } });
  expect(run.outcomes.get("read_rows/rows/0")?.counts).toMatchObject({ rejected: 4, waived: 1 });
});
