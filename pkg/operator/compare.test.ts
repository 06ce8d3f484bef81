import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { columnFrom, encodeChunk, type Rowset } from "#pkg/rowset";
import type { Manifest } from "#pkg/workflow";
import { openInstallation, type Installation } from "../control/test-support/installation.ts";
import { compareKeys } from "./compare-keys.ts";
import type { FoundTable } from "./find-table.ts";

type Row = readonly [sku: string, price: bigint];

let installation: Installation;
beforeEach(async () => {
  installation = await openInstallation();
  await installation.store.openKeyspace("k", "inc");
});
afterEach(() => installation[Symbol.asyncDispose]());

/** A table of one batch in chunks of `size` rows. */
async function aTable(run: number, rows: readonly Row[], size = 3): Promise<FoundTable> {
  const place = { incarnation: "inc", run, node: "read", phase: "rows", unit: 0, token: `t${run}` };
  const chunks: number[] = [];
  const pieces = [];
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size);
    const rowset: Rowset = {
      rows: part.length,
      columns: new Map([
        [
          "sku",
          columnFrom(
            "string",
            part.map(([sku]) => sku),
          ),
        ],
        [
          "price",
          columnFrom(
            "int",
            part.map(([, price]) => price),
          ),
        ],
      ]),
    };
    const piece = { kind: "chunk", name: "", part: 0, seq: chunks.length } as const;
    pieces.push({ piece, data: encodeChunk(rowset) });
    chunks.push(part.length);
  }
  await installation.tables.write(place, pieces);
  const batch = {
    batch: 0,
    token: place.token,
    stored: rows.length,
    rows: rows.length,
    chunks,
    bytes: 1,
    valueHash: "",
  };
  const manifest: Manifest = {
    incarnation: "inc",
    run,
    node: "read",
    batches: [batch],
    selections: [],
    rows: rows.length,
    bytes: 1,
    partitions: 1,
    outputs: [],
  };
  const fields = [
    { name: "sku", type: "string" },
    { name: "price", type: "int" },
  ] as const;
  return { manifest, fields, indexes: [] };
}

const compare = async (left: readonly Row[], right: readonly Row[], limit = 10) => {
  const tables = { left: await aTable(1, left), right: await aTable(2, right) };
  return compareKeys(installation, tables, { key: ["sku"], limit });
};

describe("rows of two tables by key", () => {
  test("are same, changed with old and new values, or on one side only", async () => {
    const left: Row[] = [
      ["a", 1n],
      ["b", 2n],
      ["c", 3n],
      ["d", 4n],
    ];
    const right: Row[] = [
      ["e", 9n],
      ["d", 4n],
      ["b", 5n],
      ["a", 1n],
    ];
    expect(await compare(left, right)).toEqual({
      key: ["sku"],
      same: 2,
      changed: 1,
      onlyLeft: 1,
      onlyRight: 1,
      uncompared: [],
      changes: [{ key: ["b"], fields: [{ name: "price", left: "2", right: "5" }] }],
      left: [["c"]],
      right: [["e"]],
    });
  });

  test("with equal keys are matched in table order", async () => {
    const found = await compare(
      [
        ["a", 1n],
        ["a", 2n],
        ["a", 3n],
      ],
      [
        ["a", 1n],
        ["a", 5n],
      ],
    );
    expect(found).toMatchObject({ same: 1, changed: 1, onlyLeft: 1, onlyRight: 0 });
  });

  test("are counted all, shown up to the limit in table order", async () => {
    const many: Row[] = Array.from({ length: 500 }, (_, at) => [`k${at}`, 1n]);
    const found = await compare(many, [], 2);
    expect(found).toMatchObject({ onlyLeft: 500, left: [["k0"], ["k1"]] });
    expect(await compare([], many, 0)).toMatchObject({ onlyRight: 500, right: [] });
  });

  test("need a key: the unique index, or fields that both tables have", async () => {
    const table = await aTable(1, [["a", 1n]]);
    const unique = {
      name: "i",
      unique: true,
      components: [{ field: "sku", type: "string", descending: false, ignoreCase: false }],
    } as const;
    const indexed = { left: { ...table, indexes: [unique] }, right: table };
    expect(await compareKeys(installation, indexed, { key: [], limit: 1 })).toMatchObject({
      key: ["sku"],
      same: 1,
    });
    const both = { left: table, right: table };
    await expect(compareKeys(installation, both, { key: [], limit: 1 })).rejects.toThrow(
      "unique index",
    );
    const mistyped = compareKeys(installation, both, { key: ["skuu"], limit: 1 });
    await expect(mistyped).rejects.toMatchObject({ hint: 'Did you mean "sku"?' });
    const far = compareKeys(installation, both, { key: ["nothing"], limit: 1 });
    await expect(far).rejects.toMatchObject({ hint: "Fields are: sku, price." });
  });

  test("leave out fields that only one side has, and say so", async () => {
    const left = await aTable(1, [["a", 1n]]);
    const right = {
      ...(await aTable(2, [["a", 2n]])),
      fields: [{ name: "sku", type: "string" } as const, { name: "other", type: "int" } as const],
    };
    const found = await compareKeys(installation, { left, right }, { key: ["sku"], limit: 1 });
    expect(found).toMatchObject({ same: 1, uncompared: ["price", "other"] });
  });

  test("of tables beyond one pass are read several times, with the same result", async () => {
    const rows: Row[] = Array.from({ length: 260_000 }, (_, at) => [`k${at}`, BigInt(at)]);
    const changed = rows.map(([sku, price], at): Row => [sku, at === 200_000 ? 0n : price]);
    const tables = {
      left: await aTable(1, rows, 50_000),
      right: await aTable(2, changed.toReversed(), 50_000),
    };
    const found = await compareKeys(installation, tables, { key: ["sku"], limit: 3 });
    expect(found).toMatchObject({ same: 259_999, changed: 1, onlyLeft: 0, onlyRight: 0 });
    expect(found.changes).toMatchObject([{ key: ["k200000"] }]);
  }, 60_000);
});
