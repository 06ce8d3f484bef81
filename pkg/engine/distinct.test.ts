import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const ROWS: Types = { id: "int", key: "string", day: "datetime" };

interface Row {
  readonly key: string;
  readonly day: string;
}

const rows = fc.array(
  fc.record({
    key: fc.constantFrom("a", "A", "b", ""),
    day: fc.constantFrom("2024-01-01", "2024-01-02"),
  }),
  { maxLength: 40 },
);

const csvOf = (list: readonly Row[]): string =>
  ["id,key,day", ...list.map(({ key, day }, id) => `${id},${key},${day}`)].join("\n");

const distinctNode = (batches: number, index: string): object => ({
  distinct: {
    type: "distinct_table",
    rerun_policy: "fail",
    r: { table: "rows", expected_batches_total: batches },
    w: {
      name: "kept",
      fields: {
        id: { expression: "r.id", type: "int" },
        key: { expression: "r.key", type: "string" },
        day: { expression: "r.day", type: "datetime" },
      },
      indexes: { idx_kept: index },
    },
  },
});

async function distinctRun(
  list: readonly Row[],
  batches: number,
  options: RunOptions,
): Promise<ScriptRun> {
  const run = new ScriptRun({ "in/rows.csv": csvOf(list) }, options);
  await run.run({
    ...fileTable("rows", ["in/rows.csv"], ROWS),
    ...distinctNode(batches, "unique(key(ignore_case), day)"),
    ...tableFile("kept", { id: "int" }),
  });
  return run;
}

const firstRows = (list: readonly Row[]): string => {
  const seen = new Set<string>();
  const ids = list.flatMap(({ key, day }, id) => {
    const text = `${key.toUpperCase()} ${day}`;
    if (seen.has(text)) return [];
    seen.add(text);
    return [id];
  });
  return ["id", ...ids, ""].join("\n");
};

describe("distinct_table", () => {
  test("P2: the lowest row id of each key wins, whatever the batches, partitions, memory and order of units", async () => {
    const variants = fc.record({
      batches: fc.integer({ min: 1, max: 5 }),
      partitions: fc.constantFrom(1, 4, 16),
      memory: fc.constantFrom(1, 3000, 1 << 24),
    });
    await fc.assert(
      fc.asyncProperty(rows, variants, async (list, { batches, partitions, memory }) => {
        const run = await distinctRun(list, batches, {
          memory,
          constants: { partitions, chunkRows: 4 },
          order: (units) => units.toReversed(),
        });
        expect(run.files.finished.get("out/kept.csv")).toBe(firstRows(list));
      }),
      { numRuns: 60 },
    );
  });

  test("P7: every row read is written, or a duplicate within its batch or among batches", async () => {
    const list = Array.from({ length: 30 }, (_, id) => ({ key: `k${id % 4}`, day: "2024-01-01" }));
    const run = await distinctRun(list, 3, {});
    expect(run.outcomes.get("distinct/rows/0")?.counts).toEqual({
      read: 10,
      written: 4,
      filtered: 0,
      rejected: 0,
      duplicates: 6,
    });
    const finish = run.outcomes.get("distinct/finish/0");
    expect(finish?.counts).toEqual({
      read: 12,
      written: 4,
      filtered: 0,
      rejected: 0,
      duplicates: 8,
    });
    expect(finish?.dropped).toEqual([
      { batch: 1, rows: 4 },
      { batch: 2, rows: 4 },
    ]);
    expect(run.manifest("distinct").rows).toBe(4);
  });

  test("P8: key runs of large batches are written by partition and read in several passes", async () => {
    const list = Array.from({ length: 6000 }, (_, id) => ({
      key: `k${(id * 7) % 2500}`,
      day: "2024-01-01",
    }));
    for (const memory of [1 << 19, 1 << 26]) {
      const run = await distinctRun(list, 2, { memory, constants: { partitions: 4 } });
      expect([...run.tables.pieces.keys()].some((key) => /\|index\|idx_kept\|3\|/.test(key))).toBe(
        true,
      );
      expect(run.files.finished.get("out/kept.csv")).toBe(firstRows(list));
    }
  });

  test("lookups through an index of a distinct table see only the rows kept", async () => {
    const run = new ScriptRun({
      "in/rows.csv": "id,key,day\n0,a,2024-01-01\n1,b,2024-01-01\n2,a,2024-01-01\n",
    });
    await run.run({
      ...fileTable("rows", ["in/rows.csv"], ROWS),
      ...distinctNode(2, "unique(key)"),
      count: {
        type: "table_lookup_table",
        r: { table: "rows" },
        l: { index_name: "idx_kept", join_on: "r.key", join_type: "left", group: true },
        w: {
          name: "counts",
          fields: {
            id: { expression: "r.id", type: "int" },
            first: { expression: "sum(l.id)", type: "int" },
          },
        },
      },
      ...tableFile("counts", { id: "int", first: "int" }),
    });
    expect(run.files.finished.get("out/counts.csv")).toBe("id,first\n0,0\n1,1\n2,0\n");
  });
});

describe("unique indexes", () => {
  const unique = (lines: readonly string[], options: RunOptions = {}): Promise<void> => {
    const files = Object.fromEntries(
      lines.map((text, at) => [`in/${at}.csv`, `id,key\n${text}\n`]),
    );
    const types = { id: "int", key: "string" };
    const run = new ScriptRun(files, options);
    return run.run({
      ...fileTable("rows", Object.keys(files), types, {
        indexes: { idx_id: "unique(id)", idx_key: "unique(key)" },
      }),
      ...tableFile("rows", types),
      reader: {
        type: "table_lookup_table",
        r: { table: "rows" },
        l: { index_name: "idx_id", join_on: "r.id", join_type: "inner", group: false },
        w: { name: "again", fields: { id: { expression: "l.id", type: "int" } } },
      },
      reader_key: {
        type: "table_lookup_table",
        r: { table: "rows" },
        l: { index_name: "idx_key", join_on: "r.key", join_type: "inner", group: false },
        w: { name: "again_key", fields: { id: { expression: "l.id", type: "int" } } },
      },
    });
  };

  test("different keys pass", async () => {
    await expect(unique(["1,a", "2,b\n3,c"])).resolves.toBeUndefined();
  });

  test.each([1, 4])(
    "a duplicate fails the node with the lowest pair of rows, key and index (%i partitions)",
    async (partitions) => {
      await expect(
        unique(["1,a\n2,b", "3,c\n4,b\n5,a"], {
          constants: { partitions },
          plan: (_, plan) => ({
            ...plan,
            phases: plan.phases.map((phase) =>
              phase.name === "finish" ? { ...phase, units: 1 } : phase,
            ),
          }),
        }),
      ).rejects.toMatchObject({
        code: "DUPLICATE_KEY",
        facts: {
          node: "read_rows",
          index: "idx_key",
          key: '"b"',
          first: { batch: 0, position: 1 },
          second: { batch: 1, position: 1 },
        },
      });
    },
  );
});
