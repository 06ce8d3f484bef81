import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RejectedRow } from "#pkg/table";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { rejectedRowsOf } from "./test-support/rejected-rows.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const ROWS: Types = { id: "int", size: "int", div: "int" };

/** Tags that hold for many rows; the second fails for size 0, the expression of `share` for records of rows with div 0. */
const nodes = (more: object): object => ({
  ...fileTable("rows", ["in/rows.csv"], ROWS),
  tag: {
    type: "table_custom_tfm_table",
    custom_proc_type: "tag_and_denormalize",
    ...more,
    r: { table: "rows", expected_batches_total: 2 },
    p: { tag_field_name: "tag", tag_criteria: { all: "r.id >= 0", big: "100 / r.size < 30" } },
    w: {
      name: "tagged",
      having: "w.share != 50",
      fields: {
        tag: { expression: "p.tag", type: "string" },
        id: { expression: "r.id", type: "int" },
        share: { expression: "100 / r.div", type: "int" },
      },
    },
  },
  ...tableFile("tagged", { tag: "string", id: "int", share: "int" }),
});

interface Row {
  readonly size: number;
  readonly div: number;
}

async function runOver(rows: readonly Row[], more: object, options: RunOptions = {}) {
  const text = rows.map(({ size, div }, id) => `${id},${size},${div}\n`).join("");
  const run = new ScriptRun({ "in/rows.csv": `id,size,div\n${text}` }, options);
  await run.run(nodes(more));
  const rejected = await rejectedRowsOf(run, "tag");
  const counts = { read: 0, written: 0, filtered: 0, rejected: 0 };
  for (const { outcome } of run.committed("tag", "rows"))
    for (const name of ["read", "written", "filtered", "rejected"] as const)
      counts[name] += outcome.counts[name];
  return { lines: run.files.finished.get("out/tagged.csv"), rejected, counts };
}

const SOME: readonly Row[] = [
  { size: 10, div: 1 },
  { size: 0, div: 1 },
  { size: 5, div: 0 },
  { size: 1, div: 2 },
  { size: 1, div: 4 },
];

test("P7: rows that a processor cannot process and records whose expression fails are set aside, in the order of their rows", async () => {
  const { lines, rejected, counts } = await runOver(SOME, { on_error: "reject" });
  expect(lines).toBe("tag,id,share\nall,0,100\nbig,0,100\nall,4,25\n");
  expect(
    rejected.map(({ file, line, column, value, reason, message, values }) => [
      `${file}:${line} ${column} ${value} ${reason}`,
      message,
      values,
    ]),
  ).toEqual([
    [
      "rows:2 tag big 0 EXPRESSION_ROW",
      "division by zero: the right side of / is 0",
      { id: "1", size: "0", div: "1" },
    ],
    [
      "rows:3 share 0 EXPRESSION_ROW",
      "division by zero: the right side of / is 0",
      { id: "2", size: "5", div: "0" },
    ],
    [
      "rows:3 share 0 EXPRESSION_ROW",
      "division by zero: the right side of / is 0",
      { id: "2", size: "5", div: "0" },
    ],
  ]);
  expect(counts).toEqual({ read: 5, written: 3, filtered: 1, rejected: 3 });
});

test("without on_error: reject the first of them fails the batch, with max_rejected too many of them do", async () => {
  await expect(runOver(SOME, {})).rejects.toMatchObject({ code: "EXPRESSION_ROW" });
  const limited = { on_error: "reject", max_rejected: 1 };
  await expect(runOver(SOME, limited)).rejects.toMatchObject({ code: "REJECTED_LIMIT" });
});

test("P2, P7: what is rejected never depends on blocks and chunks", async () => {
  const row = fc.record({ size: fc.constantFrom(0, 1, 5, 10), div: fc.constantFrom(0, 1, 2, 4) });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
      const withoutInput = (row: RejectedRow): object => ({ ...row, input: "" });
      const shown = async (options: RunOptions) => {
        const { rejected, ...rest } = await runOver(rows, { on_error: "reject" }, options);
        return { ...rest, rejected: rejected.map(withoutInput) };
      };
      const whole = await shown({});
      expect(await shown({ constants: { chunkRows: 3 }, memory: 4096 })).toEqual(whole);
      const failing = rows.flatMap(({ size, div }, at) => {
        if (size === 0) return [at + 1];
        const records = size >= 4 ? 2 : 1;
        return div === 0 ? Array.from({ length: records }, () => at + 1) : [];
      });
      expect(whole.rejected.map((each) => (each as RejectedRow).line)).toEqual(failing);
    }),
    { numRuns: 30 },
  );
});
