import { describe, expect, test } from "vitest";
import { fileTable, tableFile, type Types } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

type FieldText = readonly [expression: string, type: string, default_value?: string];

interface Lookup {
  readonly left?: string;
  readonly right?: string;
  readonly fields: Readonly<Record<string, FieldText>>;
  readonly settings?: object;
  readonly writer?: object;
  readonly options?: RunOptions;
}

const LEFT = "id,key\n1,a\n2,b\n3,zz\n";
const RIGHT = "id,key,price\n10,a,1.255\n11,a,2.10\n12,b,0.00\n";

async function lookup(test: Lookup): Promise<readonly string[]> {
  const run = new ScriptRun(
    { "in/left.csv": test.left ?? LEFT, "in/right.csv": test.right ?? RIGHT },
    test.options,
  );
  const fields = Object.fromEntries(
    Object.entries(test.fields).map(([name, [expression, type, default_value]]) => [
      name,
      { expression, type, ...(default_value === undefined ? {} : { default_value }) },
    ]),
  );
  const types: Types = Object.fromEntries(
    Object.entries(test.fields).map(([name, [, type]]) => [name, type]),
  );
  await run.run({
    ...fileTable("lefts", ["in/left.csv"], { id: "int", key: "string" }),
    ...fileTable(
      "rights",
      ["in/right.csv"],
      { id: "int", key: "string", price: "decimal2" },
      {
        indexes: { idx_key: "non_unique(key)" },
      },
    ),
    join: {
      type: "table_lookup_table",
      r: { table: "lefts" },
      l: {
        index_name: "idx_key",
        join_on: "r.key",
        join_type: "left",
        group: false,
        ...test.settings,
      },
      w: { name: "joined", fields, ...test.writer },
    },
    ...tableFile("joined", types),
  });
  return (run.files.finished.get("out/joined.csv") ?? "").trimEnd().split("\n").slice(1);
}

const grouped = { group: true };

describe("a left row without a match", () => {
  test("a field that mentions the right side gets its default as a whole, others are computed", async () => {
    const fields: Lookup["fields"] = {
      a: ["r.id", "int"],
      b: ["r.id + l.id", "int", "-5"],
      c: ["l.price", "decimal2", "1.239"],
      d: ["l.key", "string"],
    };
    expect(await lookup({ fields })).toEqual([
      "1,11,1.26,a",
      "1,12,2.10,a",
      "2,14,0.00,b",
      "3,-5,1.24,",
    ]);
  });

  test("a decimal default is an ordinary decimal in having and in an index", async () => {
    const fields: Lookup["fields"] = { a: ["r.id", "int"], c: ["l.price", "decimal2", "7.5"] };
    expect(await lookup({ fields, writer: { having: "w.c > 2" } })).toEqual(["1,2.10", "3,7.50"]);
  });

  test("a plain field of a group that reads the right side is a row fault", async () => {
    const fields: Lookup["fields"] = { n: ["count()", "int"], a: ["l.id", "int"] };
    await expect(lookup({ fields, settings: grouped })).rejects.toMatchObject({
      code: "EXPRESSION_ROW",
      facts: { node: "join", field: "a", table: "lefts", tableRow: 2, code: "E-name" },
    });
    expect(await lookup({ fields, settings: { ...grouped, join_type: "inner" } })).toEqual([
      "2,11",
      "1,12",
    ]);
  });

  test("min_if without a qualifying row gives the default of the field", async () => {
    const fields: Lookup["fields"] = {
      a: ["min_if(l.id, l.id > 100)", "int", "42"],
      b: ["sum_if(l.id, l.id > 100)", "int", "42"],
    };
    expect(await lookup({ fields, settings: grouped })).toEqual(["42,0", "42,0", "42,42"]);
  });

  test("Q13, Q5: plain fields of a group keep literal quotes and digits when matched, and are ordinary fields otherwise", async () => {
    const fields: Lookup["fields"] = {
      a: ['"x"', "string"],
      b: ['decimal2("1.005") * decimal2("1") * decimal2(1000)', "decimal2"],
    };
    expect(await lookup({ fields, settings: grouped })).toEqual([
      '"""x""",1005.00',
      '"""x""",1005.00',
      "x,1010.00",
    ]);
  });
});

describe("the filter", () => {
  test("a row that fails it does no harm while nothing matches that row", async () => {
    const fields: Lookup["fields"] = { a: ["r.id", "int"], b: ["l.id", "int"] };
    const settings = { filter: "decimal2(10) / l.price > 1" };
    expect(await lookup({ fields, settings, left: "id,key\n1,a\n3,zz\n" })).toEqual([
      "1,10",
      "1,11",
      "3,0",
    ]);
    await expect(lookup({ fields, settings })).rejects.toMatchObject({
      code: "EXPRESSION_ROW",
      facts: { node: "join", field: "filter", code: "E-div0" },
    });
  });

  test("left rows whose matches are all filtered out are unmatched", async () => {
    const fields: Lookup["fields"] = { a: ["r.id", "int"], n: ["count()", "int", "-1"] };
    const settings = { ...grouped, filter: "l.id >= 11" };
    expect(await lookup({ fields, settings })).toEqual(["1,1", "2,1", "3,-1"]);
  });
});

describe("an empty side", () => {
  const fields: Lookup["fields"] = { a: ["r.id", "int"], b: ["l.id", "int", "9"] };
  const empty = "id,key,price\n";

  test.each([32 << 20, -1])(
    "right: inner gives nothing, left gives defaults (broadcast limit %i)",
    async (broadcastLimit) => {
      const options = { constants: { broadcastLimit, partitions: 2 } };
      expect(await lookup({ fields, right: empty, options })).toEqual(["1,9", "2,9", "3,9"]);
      expect(
        await lookup({ fields, right: empty, options, settings: { join_type: "inner" } }),
      ).toEqual([]);
      const count: Lookup["fields"] = { a: ["r.id", "int"], n: ["count()", "int"] };
      expect(
        await lookup({
          fields: count,
          right: empty,
          options,
          settings: { group: true, join_type: "inner" },
        }),
      ).toEqual([]);
    },
  );

  test.each([32 << 20, -1])(
    "left: nothing comes out (broadcast limit %i)",
    async (broadcastLimit) => {
      const options = { constants: { broadcastLimit, partitions: 2 } };
      expect(await lookup({ fields, left: "id,key\n", options })).toEqual([]);
    },
  );
});

describe("a hot key", () => {
  test("P8: is joined in portions and right blocks and gives the same bytes as with plenty of memory", async () => {
    const lines = (count: number, tail: string): string =>
      Array.from(
        { length: count },
        (_, id) => `${id},${id % 3 === 0 ? "hot" : `k${id % 50}`}${tail}`,
      ).join("\n");
    const left = `id,key\n${lines(120, "")}\n`;
    const right = `id,key,price\n${lines(200, ",1.50")}\n`;
    const fields: Lookup["fields"] = {
      a: ["r.id", "int"],
      b: ["l.id", "int"],
      c: ["l.key", "string"],
    };
    const plenty = await lookup({ fields, left, right });
    const scarce = {
      memory: 2048,
      constants: { broadcastLimit: -1, partitions: 4, chunkRows: 50 },
    };
    expect(plenty.length).toBeGreaterThan(2500);
    expect(await lookup({ fields, left, right, options: scarce })).toEqual(plenty);
    const sums: Lookup["fields"] = {
      a: ["r.id", "int"],
      b: ["sum(l.id)", "int"],
      c: ['string_agg(string(l.id), " ")', "string"],
    };
    const groups = await lookup({ fields: sums, left, right, settings: grouped });
    expect(await lookup({ fields: sums, left, right, settings: grouped, options: scarce })).toEqual(
      groups,
    );
  });
});
