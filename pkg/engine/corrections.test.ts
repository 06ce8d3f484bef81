import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import type { Decisions } from "./test-support/decisions.ts";
import { rejectedRowsOf } from "./test-support/rejected-rows.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES: Types = { id: "int", div: "int", at: "datetime" };
const OUT: Types = { id: "int", share: "int", at: "datetime" };
const FIELDS = {
  id: { expression: "r.id", type: "int" },
  share: { expression: "100 / r.div", type: "int" },
  at: { expression: "r.at", type: "datetime" },
};

/** A reader that rejects what it cannot read or divide. */
const reader = (): object => {
  const { read_rows } = fileTable("rows", ["in/a.csv"], TYPES, { fields: FIELDS }) as {
    read_rows: object;
  };
  return { read_rows: { ...read_rows, on_error: "reject" }, ...tableFile("rows", OUT) };
};

/** A reader that takes everything, and a node that divides. */
const twoNodes = (kind: object): object => ({
  ...fileTable("rows", ["in/a.csv"], TYPES),
  divide: {
    on_error: "reject",
    r: { table: "rows" },
    ...kind,
    w: { name: "shares", fields: FIELDS },
  },
  ...tableFile("shares", OUT),
});

async function runText(nodes: object, text: string, options: RunOptions = {}): Promise<ScriptRun> {
  const run = new ScriptRun({ "in/a.csv": text }, options);
  await run.run(nodes);
  return run;
}

/** Corrects all rejected rows of a run of the text as the good text has them. */
async function correcting(
  nodes: object,
  node: string,
  text: string,
  valuesOf: (line: number) => Record<string, string>,
): Promise<Decisions> {
  const rejected = await rejectedRowsOf(await runText(nodes, text), node);
  const corrected = rejected.map(({ input, file, line }) => ({
    node,
    input,
    file,
    line,
    values: valuesOf(line),
  }));
  return { corrected, waived: [] };
}

const row = fc.record({
  id: fc.nat(99).map(String),
  div: fc.constantFrom("1", "2", "5"),
  at: fc.constantFrom("2024-01-01", "2024-02-29"),
  bad: fc.constantFrom("", "", "id", "div", "at", "zero", "ragged"),
});

type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;

const good = ({ id, div, at }: Row): readonly string[] => [id, div, at];
const spoilt = (each: Row): readonly string[] => {
  const [id, div, at] = good(each) as [string, string, string];
  switch (each.bad) {
    case "id":
      return ["x", div, at];
    case "div":
      return [id, "?", at];
    case "at":
      return [id, div, '"to\nday"'];
    case "zero":
      return [id, "0", at];
    case "ragged":
      return [id, div];
    default:
      return [id, div, at];
  }
};

const textOf = (rows: readonly (readonly string[])[]): string =>
  ["id,div,at", ...rows.map((cells) => cells.join(",")), ""].join("\n");

/** Physical line on which each row of the spoilt text begins. */
function linesOf(rows: readonly Row[]): readonly number[] {
  let line = 2;
  return rows.map((each) => {
    const at = line;
    line += each.bad === "at" ? 2 : 1;
    return at;
  });
}

test("P2, P7: a file whose rejected rows are corrected gives what the good file gives, in any ranges and chunks", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 25 }), async (rows) => {
      const text = textOf(rows.map(spoilt));
      const lines = linesOf(rows);
      const valuesOf = (line: number): Record<string, string> => {
        const { id, div, at } = rows[lines.indexOf(line)] as Row;
        return { id, div, at };
      };
      const corrections = await correcting(reader(), "read_rows", text, valuesOf);
      const expected = await runText(reader(), textOf(rows.map(good)));
      for (const constants of [{}, { rangeSize: 30, chunkRows: 2 }]) {
        const run = await runText(reader(), text, { corrections, constants });
        expect(run.files.finished.get("out/rows.csv")).toBe(
          expected.files.finished.get("out/rows.csv"),
        );
        const counts = run.committed("read_rows", "rows").map(({ outcome }) => outcome.counts);
        const corrected = counts.reduce((sum, each) => sum + (each.corrected ?? 0), 0);
        expect(corrected).toBe(rows.filter(({ bad }) => bad !== "").length);
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);

test.each([
  ["table_table", {}],
  ["table_lookup_table", {}],
  ["table_lookup_table", { constants: { broadcastLimit: 0, partitions: 2 } }],
])("rows of a table that are corrected are what the node reads: %s %j", async (type, options) => {
  const text = "id,div,at\n1,1,2024-01-01\n2,0,2024-01-02\n3,0,2024-01-03\n";
  const l = { index_name: "idx_id", join_on: "r.id", join_type: "left", group: false };
  const rights = fileTable("rights", ["in/a.csv"], TYPES, {
    indexes: { idx_id: "non_unique(id)" },
  });
  const nodes =
    type === "table_table" ? twoNodes({ type }) : { ...rights, ...twoNodes({ type, l }) };
  const first = await runText(nodes, text, options);
  const [two, three] = await rejectedRowsOf(first, "divide");
  expect(two?.values).toMatchObject({ id: "2", div: "0", at: "2024-01-02T00:00:00.000+00:00" });
  const corrections: Decisions = {
    corrected: [
      {
        node: "divide",
        input: two?.input ?? "",
        file: "rows",
        line: 2,
        values: { div: "4", at: "2024-05-05T12:00:00.000+00:00" },
      },
    ],
    waived: [{ node: "divide", input: three?.input ?? "", file: "rows", reason: "EXPRESSION_ROW" }],
  };
  const run = await runText(nodes, text, { ...options, corrections });
  expect(run.files.finished.get("out/shares.csv")).toBe(
    "id,share,at\n1,100,2024-01-01T00:00:00.000+00:00\n2,25,2024-05-05T12:00:00.000+00:00\n",
  );
  expect(run.outcomes.get("divide/rows/0")?.counts).toMatchObject({
    read: 3,
    written: 2,
    rejected: 0,
    waived: 1,
    corrected: 1,
  });
});

describe("corrections that do not fit", () => {
  const TEXT = "id,div,at\n1,1,2024-01-01\nx,1,2024-01-01\n";
  const correction = async (line: number, values: Record<string, string>) => {
    const {
      corrected: [first],
    } = await correcting(reader(), "read_rows", TEXT, () => values);
    if (first === undefined) throw new Error("nothing was rejected");
    return { corrected: [{ ...first, line }], waived: [] };
  };

  test("name a line on which no record begins: the batch fails instead of leaving them out", async () => {
    const corrections = await correction(9, { id: "2" });
    await expect(runText(reader(), TEXT, { corrections })).rejects.toMatchObject({
      code: "CORRECTION_MISSING",
      message: "in/a.csv line 9: no record begins there",
    });
  });

  test("hold a text that the column does not take: the row is rejected again", async () => {
    const run = await runText(reader(), TEXT, { corrections: await correction(3, { id: "y" }) });
    expect(await rejectedRowsOf(run, "read_rows")).toMatchObject([{ line: 3, value: "y" }]);
  });

  test("P3: waived rows are kept and counted apart, and max_rejected does not count them", async () => {
    const [bad] = await rejectedRowsOf(await runText(reader(), TEXT), "read_rows");
    const { input = "", file = "" } = bad ?? {};
    const waived = [{ node: "read_rows", input, file, line: 3 }];
    const { read_rows, ...others } = reader() as { read_rows: object };
    const strict = { read_rows: { ...read_rows, max_rejected: 0 }, ...others };
    const run = await runText(strict, TEXT, { corrections: { corrected: [], waived } });
    expect(await rejectedRowsOf(run, "read_rows")).toMatchObject([{ line: 3, isWaived: true }]);
    expect(run.outcomes.get("read_rows/rows/0")?.counts).toMatchObject({ rejected: 0, waived: 1 });
  });
});
