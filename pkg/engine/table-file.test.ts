import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES: Types = { id: "int", rank: "int", name: "string" };

interface Row {
  readonly rank: number;
  readonly name: string;
}

const rows = fc.array(
  fc.record({
    rank: fc.integer({ min: -3, max: 3 }),
    name: fc.constantFrom("a", "B", "b", "Ä", ""),
  }),
  {
    maxLength: 60,
  },
);

const lineOf = ({ rank, name }: Row, id: number): string => `${id},${rank},${name}`;

const csvOf = (list: readonly Row[]): string =>
  ["id,rank,name", ...list.map((row, id) => lineOf(row, id)), ""].join("\n");

async function sorted(
  list: readonly Row[],
  limit: number,
  options: RunOptions,
): Promise<ScriptRun> {
  const run = new ScriptRun({ "in/rows.csv": csvOf(list) }, options);
  const writer = { top: { order: "rank(desc)", limit }, having: "w.rank < 3" };
  await run.run({
    ...fileTable("rows", ["in/rows.csv"], TYPES),
    ...tableFile("rows", TYPES, { writer }),
  });
  return run;
}

const expected = (list: readonly Row[], limit: number): string => {
  const lines = list
    .map((row, id) => ({ ...row, id }))
    .filter(({ rank }) => rank < 3)
    .toSorted((a, b) => b.rank - a.rank || a.id - b.id)
    .slice(0, limit)
    .map((row) => lineOf(row, row.id));
  return ["id,rank,name", ...lines, ""].join("\n");
};

describe("table_file", () => {
  test("P2: top is a full sort cut at the limit, ties by row id, also when it spills", async () => {
    const variants = fc.record({
      limit: fc.integer({ min: 1, max: 70 }),
      memory: fc.constantFrom(1, 4000, 1 << 24),
    });
    await fc.assert(
      fc.asyncProperty(rows, variants, async (list, { limit, memory }) => {
        const run = await sorted(list, limit, { memory, constants: { chunkRows: 5 } });
        expect(run.files.finished.get("out/rows.csv")).toBe(expected(list, limit));
      }),
      { numRuns: 60 },
    );
  });

  test("P8: a sort of many rows spills runs and merges them", async () => {
    const list = Array.from({ length: 20_000 }, (_, id) => ({
      rank: ((id * 7919) % 1000) - 997,
      name: "x",
    }));
    const run = await sorted(list, 5_000_000, { memory: 1 << 20 });
    expect([...run.tables.pieces.keys()].some((key) => key.includes("|sort|"))).toBe(true);
    expect(run.files.finished.get("out/rows.csv")).toBe(expected(list, 5_000_000));
  });

  test.each([5_000_000, 3000])(
    "P8: more runs than one merge may hold are merged into longer ones first, limit %d",
    async (limit) => {
      const list = Array.from({ length: 20_000 }, (_, id) => ({
        rank: (Math.imul(id, 7919) % 1000) - 997,
        name: `n${id % 10}`,
      }));
      const run = await sorted(list, limit, { memory: 1 << 15, constants: { chunkRows: 100 } });
      expect([...run.tables.pieces.keys()].some((key) => key.includes("|sort-1|"))).toBe(true);
      expect(run.files.finished.get("out/rows.csv")).toBe(expected(list, limit));
    },
  );

  test("P7: rows cut by the limit are counted as filtered", async () => {
    const list = Array.from({ length: 10 }, () => ({ rank: 1, name: "a" }));
    const run = await sorted(list, 4, {});
    expect(run.outcomes.get("write_rows/rows/0")?.counts).toMatchObject({
      read: 10,
      written: 4,
      filtered: 6,
    });
  });

  test("each batch writes its own file, an empty one its header", async () => {
    const run = new ScriptRun({ "in/rows.csv": csvOf([{ rank: 1, name: "a" }]) });
    await run.run({
      ...fileTable("rows", ["in/rows.csv"], TYPES),
      ...tableFile("rows", TYPES, {
        reader: { expected_batches_total: 2 },
        writer: { url_template: "out/{run_id|string}_{batch_idx|string}.csv" },
      }),
    });
    expect(Object.fromEntries(run.files.finished)).toEqual({
      "out/00001_00000.csv": "id,rank,name\n",
      "out/00001_00001.csv": "id,rank,name\n0,1,a\n",
    });
    expect(run.outcomes.get("write_rows/rows/1")?.output).toMatchObject({
      url: "out/00001_00001.csv",
    });
  });

  test("P9: a failure abandons the temporary file", async () => {
    const run = new ScriptRun({ "in/rows.csv": csvOf([{ rank: 0, name: "a" }]) });
    const columns = [
      { csv: { header: "x", format: "%d" }, name: "x", expression: "1 / r.rank", type: "int" },
    ];
    await expect(
      run.run({
        ...fileTable("rows", ["in/rows.csv"], TYPES),
        ...tableFile("rows", TYPES, { writer: { columns } }),
      }),
    ).rejects.toMatchObject({
      code: "EXPRESSION_ROW",
      facts: { node: "write_rows", table: "rows", tableRow: 0, field: "x" },
    });
    expect(run.files.abandoned).toBe(1);
    expect(run.files.finished.size).toBe(0);
  });

  test("values are not normalised on their way into a file", async () => {
    const run = new ScriptRun({ "in/rows.csv": csvOf([{ rank: 7, name: "a" }]) });
    const columns = [
      {
        csv: { header: "x", format: "2006-01-02T15:04:05.000000000-07:00" },
        name: "x",
        type: "datetime",
        expression:
          'time.Parse("2006-01-02T15:04:05.000000000-07:00", "2024-05-06T07:08:09.123456789-05:00")',
      },
    ];
    await run.run({
      ...fileTable("rows", ["in/rows.csv"], TYPES),
      ...tableFile("rows", TYPES, { writer: { columns } }),
    });
    expect(run.files.finished.get("out/rows.csv")).toBe("x\n2024-05-06T07:08:09.123456789-05:00\n");
  });
});
