import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newestFirst } from "#pkg/draft";
import { duckFile } from "../../pkg/formats/parquet/test-support/duck.ts";
import { cli, type Ended } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { installation } from "../support/workers.ts";
import { field, output } from "../support/script-parts.ts";

const ROWS = 5000;

/** Every thousandth quantity is no 64-bit integer; a text among them is no UTF-8. */
const stock = (isBad: boolean): Promise<Uint8Array> =>
  duckFile(
    `select ('S-' || i) as sku,
       case when ${isBad} and i % 1000 = 7 then 18446744073709551615 else i % 50 end::ubigint as qty,
       case when ${isBad} and i = 2007 then '\\xFF'::blob else 'fine'::blob end as note
     from range(${ROWS}) t(i)`,
    ", row_group_size 2048",
  );

const columnOf = (name: string, type: string): object => ({
  parquet: { col_name: name },
  col_type: type,
});

/** in/stock.parquet → table stock → out/stock.csv, cut into ranges of one row group. */
async function pipeline(name: string, isBad: boolean) {
  const folder = temporaryFolder(name);
  const [out, data] = [join(folder, "out"), join(folder, "data")];
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "stock.parquet"), await stock(isBad));
  const script = join(folder, "script.json");
  const nodes = {
    read_stock: {
      type: "file_table",
      on_error: "reject",
      r: {
        urls: [join(folder, "in", "stock.parquet")],
        columns: {
          sku: columnOf("sku", "string"),
          qty: columnOf("qty", "int"),
          note: columnOf("note", "string"),
        },
      },
      w: {
        name: "stock",
        fields: {
          sku: field("r.sku", "string"),
          qty: field("r.qty", "int"),
          note: field("r.note", "string"),
        },
      },
    },
    write_stock: {
      type: "table_file",
      r: { table: "stock" },
      w: {
        url_template: join(out, "stock.csv"),
        columns: [
          output("sku", "string", "%s"),
          output("qty", "int", "%d"),
          output("note", "string", "%s"),
        ],
      },
    },
  };
  writeFileSync(
    script,
    JSON.stringify({ nodes, dependency_policies: { newest_first: newestFirst } }),
  );
  return { folder, out, data, script };
}

type Call = (...args: readonly string[]) => Promise<Ended>;

/** A day with rejected rows, ended by the files that a good input gives. */
async function correctAll(name: string, call: Call, placeOf: (data: string) => readonly string[]) {
  const { folder, out, data, script } = await pipeline(name, true);
  const place = ["--keyspace", "parquet", ...placeOf(data)];
  const ok = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await call(...args, ...place);
    expect(ended.code, `${args.join(" ")}: ${ended.stderr}`).toBe(0);
    return ended;
  };
  const listed = async () => JSON.parse((await ok("rejected", "--json")).stdout) as object[];
  const { stderr } = await ok("run", script, "--set", "range_size=1");
  expect(stderr).toMatch(/read_stock +success +5,?000 +4,?995 +5/);
  expect(await listed()).toMatchObject([
    { line: 8, column: "qty", value: "18446744073709551615", reason: "CELL_INVALID" },
    { line: 1008, column: "qty" },
    { line: 2008, column: "qty" },
    { line: 3008, column: "qty" },
    { line: 4008, column: "qty" },
  ]);
  const edited = join(folder, "edited.csv");
  const { stdout: csv } = await ok("rejected", "--csv");
  writeFileSync(edited, csv.replace(/,18446744073709551615,(?=[^,]*\n)/, ",many,"));
  const refused = await call("correct", edited, ...place);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('r.qty: "many" is not an int');
  // The quantity alone is not enough for the row whose note is no text.
  writeFileSync(edited, csv.replaceAll(/,18446744073709551615,(?=[^,]*\n)/g, ",7,"));
  expect((await ok("correct", edited)).stderr).toContain("5 rows corrected");
  expect((await ok("replay")).stderr).toMatch(/read_stock +success.* 5,?000 +4,?999 +1/);
  expect(await listed()).toMatchObject([
    { line: 2008, column: "note", reason: "ENCODING_INVALID", values: { qty: "7" } },
  ]);
  const { stdout: rest } = await ok("rejected", "--csv");
  writeFileSync(edited, rest.replace("\uFFFD\n", "fine\n"));
  await ok("correct", edited);
  await ok("replay");
  expect(readFileSync(join(out, "stock.csv"), "utf8").split("\n")).toHaveLength(ROWS + 2);
  const good = await pipeline(`good-${name}`, false);
  expect((await cli(["run", good.script, "--data", good.data])).code).toBe(0);
  expect(contentsOf(out)).toEqual(contentsOf(good.out));
}

test("P7: rows of a Parquet file are rejected, exported, corrected and replayed like those of a text file", async () => {
  await correctAll(
    "rejected-parquet",
    (...args) => cli(args),
    (data) => ["--data", data],
  );
});

test("P10: the same through the workers of an installation", { timeout: 240_000 }, async () => {
  const site = installation("rejected-parquet-site");
  await site.worker();
  await correctAll(
    "rejected-parquet-workers",
    (...args) => site.toolbelt(...args),
    () => [],
  );
});
