import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const SIDE: Types = { id: "int", key: "string", value: "int" };

interface SideRow {
  readonly id: number;
  readonly key: string;
  readonly value: number;
}

const sideRows = (keys: readonly string[]): fc.Arbitrary<readonly SideRow[]> =>
  fc
    .array(fc.record({ key: fc.constantFrom(...keys), value: fc.integer({ min: -5, max: 5 }) }), {
      maxLength: 30,
    })
    .map((rows) => rows.map((row, id) => ({ id, ...row })));

const csvOf = (rows: readonly SideRow[]): string =>
  ["id,key,value", ...rows.map((row) => `${row.id},${row.key},${row.value}`)].join("\n");

interface Join {
  readonly join: "inner" | "left";
  readonly group: boolean;
  readonly filter: boolean;
  readonly having: boolean;
  readonly ignoreCase: boolean;
}

const FLAT: Types = { left: "int", right: "int", sum: "int" };
const GROUPED: Types = { left: "int", rows: "int", sum: "int", ids: "string", last: "int" };

function scriptOf(join: Join, batches: number): object {
  const field = (expression: string, type: string, default_value?: string) => ({
    expression,
    type,
    ...(default_value ? { default_value } : {}),
  });
  const fields = join.group
    ? {
        left: field("r.id", "int"),
        rows: field("count()", "int", "-1"),
        sum: field("sum(l.value + r.value)", "int"),
        ids: field('string_agg(string(l.id), "-")', "string", "none"),
        last: field(join.join === "left" ? "r.value" : "l.id", "int"),
      }
    : {
        left: field("r.id", "int"),
        right: field("l.id", "int", "-7"),
        sum: field("l.value + r.value", "int"),
      };
  return {
    ...fileTable("lefts", ["in/left.csv"], SIDE),
    ...fileTable("rights", ["in/right.csv"], SIDE, {
      indexes: { idx_key: `non_unique(key${join.ignoreCase ? "(ignore_case)" : ""})` },
    }),
    join: {
      type: "table_lookup_table",
      r: { table: "lefts", expected_batches_total: batches },
      l: {
        index_name: "idx_key",
        join_on: "r.key",
        join_type: join.join,
        group: join.group,
        ...(join.filter ? { filter: "l.value > 0" } : {}),
      },
      w: { name: "joined", fields, ...(join.having ? { having: "w.sum >= 0" } : {}) },
    },
    ...tableFile("joined", join.group ? GROUPED : FLAT),
  };
}

type Line = readonly [sum: number, ...cells: (string | number)[]];

/** The ten-line oracle. */
function nestedLoop(left: readonly SideRow[], right: readonly SideRow[], join: Join): string {
  const fold = (key: string): string => (join.ignoreCase ? key.toUpperCase() : key);
  const isHit = (row: SideRow, other: SideRow): boolean =>
    fold(other.key) === fold(row.key) && (!join.filter || other.value > 0);
  const lines = left
    .flatMap((row) =>
      (join.group ? groupLine : pairLines)(
        row,
        right.filter((other) => isHit(row, other)),
        join,
      ),
    )
    .filter(([sum]) => !join.having || sum >= 0)
    .map(([, ...cells]) => cells.join(","));
  return [Object.keys(join.group ? GROUPED : FLAT).join(","), ...lines, ""].join("\n");
}

function pairLines(row: SideRow, hits: readonly SideRow[], { join }: Join): readonly Line[] {
  if (hits.length === 0) return join === "left" ? [[0, row.id, -7, 0]] : [];
  return hits.map((hit) => [hit.value + row.value, row.id, hit.id, hit.value + row.value]);
}

function groupLine(row: SideRow, hits: readonly SideRow[], { join }: Join): readonly Line[] {
  const last = join === "left" ? row.value : (hits.at(-1)?.id ?? 0);
  if (hits.length === 0) return join === "left" ? [[0, row.id, -1, 0, "none", last]] : [];
  const sum = hits.reduce((total, hit) => total + hit.value + row.value, 0);
  return [[sum, row.id, hits.length, sum, hits.map(({ id }) => id).join("-"), last]];
}

async function joined(
  left: readonly SideRow[],
  right: readonly SideRow[],
  join: Join,
  how: RunOptions & { batches: number },
) {
  const run = new ScriptRun({ "in/left.csv": csvOf(left), "in/right.csv": csvOf(right) }, how);
  await run.run(scriptOf(join, how.batches));
  return run;
}

const joins: fc.Arbitrary<Join> = fc.record({
  join: fc.constantFrom("inner" as const, "left" as const),
  group: fc.boolean(),
  filter: fc.boolean(),
  having: fc.boolean(),
  ignoreCase: fc.boolean(),
});

const KEYS = ["a", "A", "b", "c", ""];

describe("lookups", () => {
  test("P2: a broadcast lookup equals a nested loop, whatever the batches and chunk sizes", async () => {
    await fc.assert(
      fc.asyncProperty(
        sideRows(KEYS),
        sideRows(KEYS),
        joins,
        fc.integer({ min: 1, max: 4 }),
        async (left, right, join, batches) => {
          const run = await joined(left, right, join, {
            batches,
            constants: { chunkRows: 1 + (left.length % 5) },
          });
          expect(run.files.finished.get("out/joined.csv")).toBe(nestedLoop(left, right, join));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("P2: a partitioned lookup equals a nested loop, whatever the partitions, memory and order of units", async () => {
    await fc.assert(
      fc.asyncProperty(
        sideRows(KEYS),
        sideRows(KEYS),
        joins,
        fc.record({
          batches: fc.integer({ min: 1, max: 4 }),
          partitions: fc.constantFrom(1, 2, 8),
          memory: fc.constantFrom(1, 2000, 1 << 24),
        }),
        async (left, right, join, { batches, partitions, memory }) => {
          const run = await joined(left, right, join, {
            batches,
            memory,
            constants: { broadcastLimit: -1, partitions, chunkRows: 3 },
            order: (units) => units.toReversed(),
          });
          expect(run.files.finished.get("out/joined.csv")).toBe(nestedLoop(left, right, join));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("P7: both plans account for every left row in the same way", async () => {
    const rows = Array.from({ length: 40 }, (_, id) => ({ id, key: `k${id % 7}`, value: id % 3 }));
    const join = {
      join: "inner",
      group: false,
      filter: true,
      having: true,
      ignoreCase: false,
    } as const;
    const right = rows.slice(0, 10);
    const broadcast = await joined(rows, right, join, { batches: 3 });
    const partitioned = await joined(rows, right, join, {
      batches: 3,
      constants: { broadcastLimit: -1, partitions: 4 },
    });
    for (const unit of ["join/rows/0", "join/rows/1", "join/rows/2"]) {
      const { counts, valueHash } = broadcast.outcomes.get(unit) ?? {};
      expect(partitioned.outcomes.get(unit)).toMatchObject({ counts, valueHash });
    }
  });
});
