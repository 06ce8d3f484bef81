import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RejectedRow } from "#pkg/table";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { rejectedRowsOf } from "./test-support/rejected-rows.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES: Types = { id: "int", div: "int", name: "string" };
const REJECT = { on_error: "reject" };

/** Rejected rows of a node in the order of its batches, and their number as its outcomes count them. */
async function rejectedOf(run: ScriptRun, node: string): Promise<readonly RejectedRow[]> {
  const rows = await rejectedRowsOf(run, node);
  const counted = run
    .committed(node, "rows")
    .reduce((sum, { outcome }) => sum + outcome.counts.rejected, 0);
  expect(rows).toHaveLength(counted);
  return rows;
}

const shown = ({ file, line, column, value, reason, message }: RejectedRow): string =>
  `${file}:${line} ${column} ${JSON.stringify(value)} ${reason} ${message}`;

const INPUT = `id,div,name
1,1,a
x,1,b
3,0,c

4,2
5,2,"two
lines"
6,0,d
`;

const reader = (more: object = REJECT): object => {
  const nodes = fileTable("rows", ["in/a.csv"], TYPES, {
    fields: {
      id: { expression: "r.id", type: "int" },
      share: { expression: "100 / r.div", type: "int" },
    },
  }) as { read_rows: object };
  return { read_rows: { ...nodes.read_rows, ...more } };
};

const OUT: Types = { id: "int", share: "int" };

async function runNodes(nodes: object, options: RunOptions = {}): Promise<ScriptRun> {
  const run = new ScriptRun({ "in/a.csv": INPUT }, options);
  await run.run(nodes);
  return run;
}

describe("rows that are set aside", () => {
  test("P7: bad cells, ragged records and failing expressions of a file, in line order with what was read", async () => {
    const run = await runNodes({ ...reader(), ...tableFile("rows", OUT) });
    expect(run.files.finished.get("out/rows.csv")).toBe("id,share\n1,100\n5,50\n");
    const rows = await rejectedOf(run, "read_rows");
    expect(rows.map(shown)).toEqual([
      'in/a.csv:3 id "x" CELL_INVALID "x" is not an int',
      'in/a.csv:4 share "0" EXPRESSION_ROW division by zero: the right side of / is 0',
      'in/a.csv:6  "4,2" RECORD_INVALID the record has 2 cells, the first record of the file has 3',
      'in/a.csv:9 share "0" EXPRESSION_ROW division by zero: the right side of / is 0',
    ]);
    expect(rows.map(({ values }) => values)).toEqual([
      { id: "x", div: "1", name: "b" },
      { id: "3", div: "0", name: "c" },
      { id: "4", div: "2", name: "" },
      { id: "6", div: "0", name: "d" },
    ]);
    expect(run.outcomes.get("read_rows/rows/0")?.counts).toEqual({
      read: 6,
      written: 2,
      filtered: 0,
      rejected: 4,
      duplicates: 0,
    });
  });

  test("on_error of the reader is for records alone, that of the node for expressions and by default for both", async () => {
    const { read_rows } = reader({}) as { read_rows: { r: object } };
    const ofReader = { read_rows: { ...read_rows, r: { ...read_rows.r, ...REJECT } } };
    await expect(runNodes(ofReader)).rejects.toMatchObject({ code: "EXPRESSION_ROW" });
    const ofNode = {
      read_rows: { ...read_rows, ...REJECT, r: { ...read_rows.r, on_error: "fail" } },
    };
    await expect(runNodes(ofNode)).rejects.toMatchObject({ code: "CELL_INVALID" });
  });

  test("a batch that alone has more than max_rejected ends early, and what it had rejected can be seen", async () => {
    const run = new ScriptRun({ "in/a.csv": `id,div,name\n${"1,0,a\n".repeat(5000)}` });
    const fault = await run.run(reader({ ...REJECT, max_rejected: 10 })).then(
      () => undefined,
      (error: { code: string; message: string; facts: Record<string, unknown> }) => error,
    );
    expect(fault).toMatchObject({
      code: "REJECTED_LIMIT",
      message:
        "node read_rows: more than 10 rows were rejected; the first: in/a.csv line 2, column share: division by zero: the right side of / is 0",
      facts: { node: "read_rows", max: 10, rejects: [11] },
    });
  });

  test("as many as max_rejected are no fault", async () => {
    const run = await runNodes(reader({ ...REJECT, max_rejected: 4 }));
    expect(await rejectedOf(run, "read_rows")).toHaveLength(4);
  });

  test("P8: a block with many failing rows comes in parts, with the rows and counts of one", async () => {
    const kinds = ["x,1", "3,0", "1,2", "2,50"] as const;
    const lines = Array.from({ length: 20_000 }, (_, at) => `${kinds[at % 4]},n${at}`);
    const run = new ScriptRun({ "in/a.csv": `id,div,name\n${lines.join("\n")}\n` });
    const { read_rows } = reader() as { read_rows: { w: object } };
    await run.run({
      read_rows: { ...read_rows, w: { ...read_rows.w, having: "w.share < 50" } },
      ...tableFile("rows", OUT),
    });
    const rows = await rejectedOf(run, "read_rows");
    expect(rows.map(({ line, reason }) => `${line} ${reason}`)).toEqual(
      lines.flatMap((_, at) => {
        if (at % 4 > 1) return [];
        return [`${at + 2} ${at % 4 === 0 ? "CELL_INVALID" : "EXPRESSION_ROW"}`];
      }),
    );
    expect(rows.at(-1)?.values).toEqual({ id: "3", div: "0", name: "n19997" });
    expect(run.outcomes.get("read_rows/rows/0")?.counts).toMatchObject({
      read: 20_000,
      written: 5000,
      filtered: 5000,
      rejected: 10_000,
    });
    expect(run.files.finished.get("out/rows.csv")).toBe(`id,share\n${"2,2\n".repeat(5000)}`);
  });

  test("P8: rows of long texts are kept in pieces of few rows", async () => {
    const name = "n".repeat(200_000);
    const text = `id,div,name\n${`x,1,${name}\n`.repeat(12)}`;
    const run = new ScriptRun({ "in/a.csv": text });
    await run.run({ ...reader(), ...tableFile("rows", OUT) });
    expect(run.outcomes.get("read_rows/rows/0")?.rejects).toEqual([6, 6]);
    expect(await rejectedOf(run, "read_rows")).toHaveLength(12);
  });

  test("P7: lines of an NDJSON file are rejected also where no good line stands beside them", async () => {
    const { read_rows } = reader() as { read_rows: { r: { columns: object } } };
    const { columns } = read_rows.r;
    const nodes = {
      read_rows: {
        ...read_rows,
        r: {
          urls: ["in/a.ndjson"],
          columns: Object.fromEntries(
            Object.keys(columns).map((name) => [
              name,
              { ndjson: { col_name: name }, col_type: TYPES[name] },
            ]),
          ),
        },
      },
    };
    const run = new ScriptRun({ "in/a.ndjson": '{"id":"x"}\n'.repeat(10_000) });
    await run.run(nodes);
    const rows = await rejectedOf(run, "read_rows");
    expect(rows).toHaveLength(10_000);
    expect(rows.at(-1)).toMatchObject({ line: 10_000, reason: "CELL_INVALID" });
    expect(run.outcomes.get("read_rows/rows/0")?.counts).toMatchObject({
      read: 10_000,
      written: 0,
    });
  });

  test("table nodes name the row of their source; having and values that cannot be stored count too", async () => {
    const text = `id,div,name\n1,1,x\n2,0,x\n3,3,y\n4,4,${"9".repeat(22)}\n`;
    const run = new ScriptRun({ "in/a.csv": text });
    await run.run({
      ...fileTable("rows", ["in/a.csv"], TYPES),
      divide: {
        type: "table_table",
        ...REJECT,
        r: { table: "rows" },
        w: {
          name: "shares",
          fields: {
            share: { expression: "12 / r.div", type: "int" },
            big: {
              expression: 'decimal2(strings.ReplaceAll(r.name, "x", "1"))',
              type: "decimal2",
            },
          },
        },
      },
    });
    expect(
      (await rejectedOf(run, "divide")).map((row) => [row.line, row.column, row.reason]),
    ).toEqual([
      [2, "share", "EXPRESSION_ROW"],
      [3, "big", "EXPRESSION_ROW"],
      [4, "big", "DECIMAL_RANGE"],
    ]);
    expect(run.outcomes.get("divide/rows/0")?.counts).toMatchObject({
      read: 4,
      written: 1,
      rejected: 3,
    });
  });

  test("P7: having that fails rejects the row, whatever the writer does with the others", async () => {
    const run = new ScriptRun({ "in/a.csv": "id,div,name\n1,1,x\n2,0,x\n3,3,y\n4,2,y\n" });
    const having = "12 / w.div > 4";
    await run.run({
      ...fileTable("rows", ["in/a.csv"], TYPES),
      ...(() => {
        const [name, node] = Object.entries(
          tableFile("rows", TYPES, { writer: { having } }),
        )[0] as [string, object];
        return { [name]: { ...node, ...REJECT } };
      })(),
      ...(() => {
        const top = { order: "id(desc)", limit: 1 };
        const [, node] = Object.entries(
          tableFile("rows", TYPES, { writer: { having, top, url_template: "out/top.csv" } }),
        )[0] as [string, object];
        return { top: { ...node, ...REJECT } };
      })(),
    });
    expect(run.files.finished.get("out/rows.csv")).toBe("id,div,name\n1,1,x\n4,2,y\n");
    expect(run.files.finished.get("out/top.csv")).toBe("id,div,name\n4,2,y\n");
    for (const node of ["write_rows", "top"])
      expect((await rejectedOf(run, node)).map(shown)).toEqual([
        'rows:2 having "0" EXPRESSION_ROW division by zero: the right side of / is 0',
      ]);
    expect(run.outcomes.get("top/rows/0")?.counts).toMatchObject({
      read: 4,
      written: 1,
      filtered: 2,
      rejected: 1,
    });
  });
});

const cells = fc.record({
  id: fc.constantFrom("1", "2", "30", "x", ""),
  div: fc.constantFrom("0", "1", "2", "y"),
  name: fc.constantFrom("a", "b", "c,d", "l\nm"),
});
const quoted = (text: string): string => (/[,\n]/.test(text) ? `"${text}"` : text);
const csvOf = (rows: readonly { id: string; div: string; name: string }[]): string =>
  ["id,div,name", ...rows.map(({ id, div, name }) => [id, div, quoted(name)].join(",")), ""].join(
    "\n",
  );

test("P2: the same rows are rejected in the same order whatever blocks, chunks, ranges and order of batches", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { maxLength: 60 }), async (rows) => {
      const inputs = { "in/a.csv": csvOf(rows) };
      const nodes = { ...reader(), ...tableFile("rows", OUT) };
      const result = async (options: RunOptions) => {
        const run = new ScriptRun(inputs, options);
        await run.run(nodes);
        return [run.files.finished.get("out/rows.csv"), await rejectedOf(run, "read_rows")];
      };
      const whole = await result({});
      const cut = await result({
        constants: { rangeSize: 40, chunkRows: 3 },
        order: (units) => units.toReversed(),
      });
      expect(cut).toEqual(whole);
      const expected = rows.filter(({ id, div }) => id === "x" || div === "y" || div === "0");
      expect(whole[1]).toHaveLength(expected.length);
    }),
    { numRuns: 40 },
  );
}, 60_000);

const side = fc.array(
  fc.record({
    id: fc.constantFrom("1", "2", "3"),
    div: fc.constantFrom("0", "1", "2", "3", "4"),
    name: fc.constantFrom("a", "b"),
  }),
  { maxLength: 25 },
);

interface Join {
  readonly group: boolean;
  readonly join_type: string;
  readonly filter: boolean;
}

const joinNodes = ({ group, join_type, filter }: Join): object => ({
  ...fileTable("lefts", ["in/l.csv"], TYPES),
  ...fileTable("rights", ["in/r.csv"], TYPES, { indexes: { idx_id: "non_unique(id)" } }),
  join: {
    type: "table_lookup_table",
    ...REJECT,
    r: { table: "lefts", expected_batches_total: 3 },
    l: {
      index_name: "idx_id",
      join_on: "r.id",
      join_type,
      group,
      ...(filter ? { filter: FILTER } : {}),
    },
    w: {
      name: "joined",
      fields: {
        id: { expression: "r.id", type: "int" },
        own: { expression: "12 / r.div", type: "int" },
        ...(group
          ? {
              total: { expression: "sum(12 / l.div)", type: "int" },
              count: { expression: "count()", type: "int" },
            }
          : { total: { expression: "12 / l.div", type: "int" } }),
      },
      having: "100 / (w.total - 6) != 5",
    },
  },
  ...tableFile("joined", { id: "int", own: "int", total: "int" }),
});

/** Fails for a right row whose div is 3 and refuses those of which it is 4. */
const FILTER = "12 / (l.div - 3) != 12";
const isUndecided = (div: number): boolean => div === 3;
const isRefused = (div: number): boolean => div === 4;

function fieldsOf(left: { id: string; div: string }, divisors: readonly number[]): string {
  const total = divisors.reduce((sum, div) => sum + Math.trunc(12 / div), 0);
  if (left.div === "0" || divisors.includes(0) || total === 6) return "fails";
  if (Math.trunc(100 / (total - 6)) === 5) return "filtered";
  return [left.id, 12 / Number(left.div), total].join(",");
}

/** Divisors of the right rows of each pair, or of all pairs of a group. */
function candidatesOf(
  matches: readonly number[],
  { group, join_type }: Pick<Join, "group" | "join_type">,
): readonly (readonly number[])[] {
  if (matches.length > 0) return group ? [matches] : matches.map((div) => [div]);
  return join_type === "left" ? [[]] : [];
}

/** What a nested loop makes of the lookup: lines of the target, and left rows (from 1) of rejected rows. */
function nestedLoop(
  lefts: readonly { id: string; div: string }[],
  rights: readonly { id: string; div: string }[],
  { group, join_type, filter }: Join,
): { readonly lines: readonly string[]; readonly rejected: readonly number[] } {
  const lines: string[] = [];
  const rejected: number[] = [];
  for (const [at, left] of lefts.entries()) {
    const matches = rights
      .filter(({ id }) => id === left.id)
      .map(({ div }) => Number(div))
      .filter((div) => !filter || !isRefused(div));
    for (const divisors of candidatesOf(matches, { group, join_type })) {
      const line = filter && divisors.some(isUndecided) ? "fails" : fieldsOf(left, divisors);
      if (line === "fails") rejected.push(at + 1);
      else if (line !== "filtered") lines.push(line);
    }
  }
  return { lines, rejected };
}

const JOINS = [false, true].flatMap((filter) =>
  [false, true].flatMap((group) =>
    ["inner", "left"].map((join_type): Join => ({ group, join_type, filter })),
  ),
);

test.each(JOINS)(
  "P2, P7: a lookup rejects what a nested loop would, by either plan: %j",
  async (how) => {
    await fc.assert(
      fc.asyncProperty(side, side, async (lefts, rights) => {
        const { lines, rejected } = nestedLoop(lefts, rights, how);
        const inputs = { "in/l.csv": csvOf(lefts), "in/r.csv": csvOf(rights) };
        const results: unknown[] = [];
        for (const options of [
          {},
          { memory: 16_384 * 4 },
          { constants: { broadcastLimit: 0, partitions: 4 } },
          { constants: { broadcastLimit: 0, partitions: 2 }, memory: 4096 },
        ]) {
          const run = new ScriptRun(inputs, options);
          await run.run(joinNodes(how));
          const out = (run.files.finished.get("out/joined.csv") ?? "")
            .trimEnd()
            .split("\n")
            .slice(1);
          expect(out).toEqual(lines);
          const rows = await rejectedOf(run, "join");
          expect(rows.map(({ line }) => line)).toEqual(rejected);
          // The manifest of the source is another one each time.
          results.push(rows.map(({ input, ...row }) => [input.length, row]));
        }
        for (const other of results) expect(other).toEqual(results[0]);
      }),
      { numRuns: 12 },
    );
  },
  60_000,
);
