import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";
import { faultOf } from "../../test/support/fault-of.ts";

const ROWS: Types = { id: "int", size: "int", note: "string" };

interface Settings {
  readonly criteria: Readonly<Record<string, string>>;
  readonly batches?: number;
  readonly having?: string;
}

const tagNode = ({ criteria, batches = 1, having = "" }: Settings): object => ({
  tag: {
    type: "table_custom_tfm_table",
    custom_proc_type: "tag_and_denormalize",
    r: { table: "rows", expected_batches_total: batches },
    p: { tag_field_name: "tag", tag_criteria: criteria },
    w: {
      name: "tagged",
      having,
      fields: {
        tag: { expression: "p.tag", type: "string" },
        id: { expression: "r.id", type: "int" },
        both: { expression: 'p.tag + "/" + r.note', type: "string" },
      },
    },
  },
});

async function tagged(
  csv: string,
  settings: Settings,
  options: RunOptions = {},
): Promise<ScriptRun> {
  const run = new ScriptRun({ "in/rows.csv": `id,size,note\n${csv}` }, options);
  await run.run({
    ...fileTable("rows", ["in/rows.csv"], ROWS),
    ...tagNode(settings),
    ...tableFile("tagged", { tag: "string", id: "int", both: "string" }),
  });
  return run;
}

const outputOf = (run: ScriptRun): string | undefined => run.files.finished.get("out/tagged.csv");

describe("tag_and_denormalize", () => {
  test("gives one row for each true criterion, tags in the order of the file", async () => {
    const run = await tagged("1,5,a\n2,50,b\n3,0,c\n", {
      criteria: { z: "r.size > 1", 10: "r.size > 10", a: 'r.note == "a"' },
    });
    // JSON.stringify writes names that look like numbers first, so 10 is the first tag of the script.
    expect(outputOf(run)).toBe("tag,id,both\nz,1,z/a\na,1,a/a\n10,2,10/b\nz,2,z/b\n");
  });

  test("applies having to the records and counts source rows that left nothing as filtered", async () => {
    const run = await tagged("1,5,a\n2,50,b\n3,0,c\n", {
      criteria: { some: "r.size > 1", much: "r.size > 10" },
      having: 'w.tag == "much"',
    });
    expect(outputOf(run)).toBe("tag,id,both\nmuch,2,much/b\n");
    const { counts } = run.outcomes.get("tag/rows/0") as { counts: unknown };
    expect(counts).toEqual({ read: 3, written: 1, filtered: 2, rejected: 0, duplicates: 0 });
  });

  test("P2: equals a nested loop, whatever the batches, chunks and memory", async () => {
    const row = fc.record({ size: fc.nat(9), note: fc.constantFrom("a", "b", "") });
    const variants = fc.record({
      batches: fc.integer({ min: 1, max: 4 }),
      chunkRows: fc.constantFrom(1, 3, 1000),
      memory: fc.constantFrom(1000, 1 << 24),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), variants, async (rows, variant) => {
        const { batches, chunkRows, memory } = variant;
        const run = await tagged(
          rows.map(({ size, note }, id) => `${id},${size},${note}\n`).join(""),
          {
            batches,
            criteria: { small: "r.size < 4", big: "r.size >= 4", empty: 'r.note == ""' },
          },
          { memory, constants: { chunkRows } },
        );
        const expected = rows.flatMap(({ size, note }, id) => [
          ...(size < 4 ? [`small,${id},small/${note}`] : [`big,${id},big/${note}`]),
          ...(note === "" ? [`empty,${id},empty/`] : []),
        ]);
        expect(outputOf(run)).toBe(["tag,id,both", ...expected, ""].join("\n"));
      }),
      { numRuns: 40 },
    );
  });

  test("hands out many tags of few rows in portions", async () => {
    const criteria = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`t${at}`, `r.size > ${at % 2}`]),
    );
    const csv = Array.from({ length: 100 }, (_, id) => `${id},5,x\n`).join("");
    const run = await tagged(csv, { criteria });
    expect(outputOf(run)?.split("\n").length).toBe(300 * 100 + 2);
    expect(run.outcomes.get("tag/rows/0")?.counts.written).toBe(30_000);
  });

  test("names node, source row, tag, values and the number of other failed rows when a criterion fails", async () => {
    const fault = await faultOf(
      tagged("1,5,a\n2,0,b\n3,0,c\n", { criteria: { all: "true", ratio: "10 / r.size > 3" } }),
    );
    expect(fault.code).toBe("EXPRESSION_ROW");
    expect(fault.message).toMatch(/^node tag, row 2 of table rows, field tag ratio: /);
    expect(fault.message).toContain("1 more rows beside it failed");
    expect(fault.message).toContain('(r.size = "0")');
    expect(fault.facts).toMatchObject({ node: "tag", table: "rows", tableRow: 1, alsoFailed: [2] });
  });

  test("names the source row when a field of the writer fails", async () => {
    const run = new ScriptRun({ "in/rows.csv": "id,size,note\n1,1,a\n2,0,b\n" });
    const node = tagNode({ criteria: { never: "r.id > 5", all: "r.id > 1" } }) as {
      tag: { w: { fields: object } };
    };
    node.tag.w.fields = { x: { expression: "10 / r.size", type: "int" } };
    const fault = await faultOf(run.run({ ...fileTable("rows", ["in/rows.csv"], ROWS), ...node }));
    expect(fault.message).toMatch(/^node tag, row 2 of table rows, field x: /);
  });
});
