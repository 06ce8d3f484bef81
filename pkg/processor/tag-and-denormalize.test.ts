import { expect, test } from "vitest";
import { columnFrom, valueAt, type Column } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";
import { openProcessors, pythonSettings, type Records, type SourceBlock } from "./index.ts";

const settings = { python: pythonSettings({}, {}) };

const SOURCE = new Map<string, FieldType>([
  ["n", "int"],
  ["ok", "bool"],
]);

const blockOf = (from: number, numbers: readonly number[]): SourceBlock => ({
  from,
  rowset: {
    rows: numbers.length,
    columns: new Map<string, Column>([
      ["n", columnFrom("int", numbers.map(BigInt))],
      [
        "ok",
        columnFrom(
          "bool",
          numbers.map((n) => n > 0),
        ),
      ],
    ]),
  },
});

async function* one(block: SourceBlock): AsyncGenerator<SourceBlock> {
  yield await Promise.resolve(block);
}

async function recordsOf(
  criteria: Readonly<Record<string, string>>,
  block: SourceBlock,
): Promise<readonly Records[]> {
  const processor = await openProcessors(settings).open({
    node: "tag",
    pageRows: 1000,
    checkpoint: () => undefined,
    processor: {
      type: "tag_and_denormalize",
      tagField: "tag",
      criteriaUrl: "",
      criteria: Object.entries(criteria).map(([tag, expression]) => ({ tag, expression })),
    },
    source: SOURCE,
  });
  const found: Records[] = [];
  for await (const records of processor.process(one(block))) found.push(records);
  return found;
}

const pairsOf = ({
  block,
  rows,
  fields,
  count,
}: Records): readonly (readonly [number, unknown])[] =>
  Array.from({ length: count }, (_, at) => [
    block.from + (rows?.[at] as number),
    valueAt(fields.get("tag") as Column, at),
  ]);

test("rows that fail have no records and are told in row order, the others keep theirs", async () => {
  const criteria = {
    all: "true",
    late: "1 / (r.n - 3) > 5",
    early: "1 / (r.n - 1) > 5",
    ok: "r.ok",
  };
  const [records, ...more] = await recordsOf(criteria, blockOf(10, [0, 1, 2, 3]));
  expect(more).toEqual([]);
  expect(pairsOf(records as Records)).toEqual([
    [10, "all"],
    [12, "all"],
    [12, "ok"],
  ]);
  expect(records?.failures).toMatchObject([
    { row: 1, field: "tag early", fault: { code: "EXPRESSION_ROW" } },
    { row: 3, field: "tag late" },
  ]);
});

test("a row that fails with two criteria is told once", async () => {
  const [records] = await recordsOf({ a: "1 / r.n > 1", b: "2 / r.n > 1" }, blockOf(0, [0]));
  expect(records?.failures.map(({ field }) => field)).toEqual(["tag a"]);
});

test("rows times tags beyond a bound are looked at slice by slice", async () => {
  const count = 900;
  const criteria = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`t${at}`, `r.n == ${at * 7}`]),
  );
  const rows = 6000;
  const found = await recordsOf(
    criteria,
    blockOf(
      5,
      Array.from({ length: rows }, (_, n) => n),
    ),
  );
  expect(found.length).toBeGreaterThan(1);
  const pairs = found.flatMap(pairsOf);
  expect(pairs.length).toBe(Math.ceil(rows / 7));
  expect(pairs.every(([row, tag]) => tag === `t${(row - 5) / 7}`)).toBe(true);
});

test("no criteria leave no records", async () => {
  expect(await recordsOf({}, blockOf(0, [1, 2]))).toEqual([]);
});
