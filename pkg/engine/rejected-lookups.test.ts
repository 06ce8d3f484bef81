import { expect, test } from "vitest";
import type { RejectedRow } from "#pkg/table";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import type { Decisions } from "./test-support/decisions.ts";
import { rejectedRowsOf } from "./test-support/rejected-rows.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const LEFT: Types = { id: "int", key: "string" };
const RIGHT: Types = { key: "string", rate: "int" };
const INPUTS = {
  "in/l.csv": "id,key\n1,a\n2,b\n3,c\n4,b\n5,z\n",
  "in/r.csv": "key,rate\na,5\nb,2\nb,0\nc,0\nd,0\n",
};
const FILTER = "10 / l.rate > 0";
const PLANS: readonly RunOptions[] = [
  {},
  { constants: { broadcastLimit: -1, partitions: 3 }, memory: 4096 },
];

const nodes = (l: object, fields: object, settings: object = { on_error: "reject" }): object => ({
  ...fileTable("lefts", ["in/l.csv"], LEFT),
  ...fileTable("rights", ["in/r.csv"], RIGHT, { indexes: { idx_key: "non_unique(key)" } }),
  join: {
    type: "table_lookup_table",
    ...settings,
    r: { table: "lefts", expected_batches_total: 2 },
    l: { index_name: "idx_key", join_on: "r.key", group: false, join_type: "left", ...l },
    w: { name: "joined", fields },
  },
  ...tableFile("joined", { id: "int", rate: "int" }),
});

const FLAT = {
  id: { expression: "r.id", type: "int" },
  rate: { expression: "l.rate", type: "int", default_value: "-1" },
};

async function runNodes(script: object, options: RunOptions): Promise<ScriptRun> {
  const run = new ScriptRun(INPUTS, options);
  await run.run(script);
  return run;
}

const shown = ({ file, line, column, value, reason, message }: RejectedRow): string =>
  `${file}:${line} ${column} ${JSON.stringify(value)} ${reason} ${message}`;

const reason = (right: number): string =>
  `row ${right} of table rights: division by zero: the right side of / is 0`;

test.each(PLANS)(
  "a pair whose right row fails the filter is rejected under its left row, which counts as matched: %j",
  async (options) => {
    const run = await runNodes(nodes({ filter: FILTER }, FLAT), options);
    expect(run.files.finished.get("out/joined.csv")).toBe("id,rate\n1,5\n2,2\n4,2\n5,-1\n");
    expect((await rejectedRowsOf(run, "join")).map(shown)).toEqual([
      `lefts:2 filter "0" EXPRESSION_ROW ${reason(3)}`,
      `lefts:3 filter "0" EXPRESSION_ROW ${reason(4)}`,
      `lefts:4 filter "0" EXPRESSION_ROW ${reason(3)}`,
    ]);
  },
);

test.each(PLANS)(
  "a left row of a grouped lookup is rejected as a whole when the filter fails for one of its matches: %j",
  async (options) => {
    const fields = { ...FLAT, rate: { expression: "sum(l.rate)", type: "int" } };
    const run = await runNodes(nodes({ filter: FILTER, group: true }, fields), options);
    expect(run.files.finished.get("out/joined.csv")).toBe("id,rate\n1,5\n5,0\n");
    expect((await rejectedRowsOf(run, "join")).map(shown)).toEqual([
      `lefts:2 filter "0" EXPRESSION_ROW ${reason(3)}`,
      `lefts:3 filter "0" EXPRESSION_ROW ${reason(4)}`,
      `lefts:4 filter "0" EXPRESSION_ROW ${reason(3)}`,
    ]);
  },
);

test.each(PLANS)(
  "a plain field of a group that asks for the right side rejects left rows without a match: %j",
  async (options) => {
    const fields = { ...FLAT, rate: { expression: "l.rate + 1", type: "int" } };
    const script = nodes({ group: true, join_type: "left" }, fields);
    const run = await runNodes(script, options);
    expect(run.files.finished.get("out/joined.csv")).toBe("id,rate\n1,6\n2,1\n3,1\n4,1\n");
    const message = "l.rate has no value for a left row without a match";
    expect((await rejectedRowsOf(run, "join")).map(shown)).toEqual([
      `lefts:5 rate "" EXPRESSION_ROW ${message}`,
    ]);
    await expect(
      runNodes(nodes({ group: true, join_type: "left" }, fields, {}), options),
    ).rejects.toMatchObject({
      code: "EXPRESSION_ROW",
      message: `node join, row 5 of table lefts, field rate: ${message}`,
    });
  },
);

test.each(PLANS)(
  "P11: without on_error: reject the fault of a filter names the right row: %j",
  async (options) => {
    await expect(runNodes(nodes({ filter: FILTER }, FLAT, {}), options)).rejects.toMatchObject({
      code: "EXPRESSION_ROW",
      message: expect.stringMatching(
        /^node join, lookup filter, row [34] of table rights: division by zero/,
      ) as string,
      facts: { node: "join", field: "filter", values: { "l.rate": "0" } },
    });
  },
);

test.each(PLANS)(
  "P7: a correction of the left row changes what it matches, a waiver leaves its pair out: %j",
  async (options) => {
    const script = nodes({ filter: FILTER }, FLAT);
    const [two, three] = await rejectedRowsOf(await runNodes(script, options), "join");
    const at = (row: RejectedRow | undefined) => ({
      node: "join",
      input: row?.input ?? "",
      file: "lefts",
      line: row?.line ?? 0,
    });
    const corrections: Decisions = {
      corrected: [{ ...at(three), values: { key: "a" } }],
      waived: [at(two)],
    };
    const run = await runNodes(script, { ...options, corrections });
    expect(run.files.finished.get("out/joined.csv")).toBe("id,rate\n1,5\n2,2\n3,5\n4,2\n5,-1\n");
    expect(
      (await rejectedRowsOf(run, "join")).map(({ line, isWaived }) => [line, isWaived]),
    ).toEqual([
      [2, true],
      [4, false],
    ]);
    const counts = run.committed("join", "rows").map(({ outcome }) => outcome.counts);
    const sum = (name: "rejected" | "waived" | "corrected"): number =>
      counts.reduce((total, each) => total + (each[name] ?? 0), 0);
    expect([sum("rejected"), sum("waived"), sum("corrected")]).toEqual([1, 1, 1]);
  },
);
