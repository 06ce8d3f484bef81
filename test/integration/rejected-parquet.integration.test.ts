import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newestFirst } from "#pkg/draft";
import { duckFile } from "../../pkg/formats/parquet/test-support/duck.ts";
import { cli, type Ended } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
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
  const place = ["--keyspace", "parquet", "--data", data];
  return { folder, out, run: ["run", script, ...place, "--set", "range_size=1"], place };
}

async function ok(...args: readonly string[]): Promise<Ended> {
  const ended = await cli(args);
  expect(ended.code, `${args.join(" ")}: ${ended.stderr}`).toBe(0);
  return ended;
}

test("P7: rows of a Parquet file are rejected, exported, corrected, waived and replayed like those of a text file", async () => {
  const { folder, out, run, place } = await pipeline("rejected-parquet", true);
  expect((await ok(...run)).stderr).toMatch(/read_stock +success +5,?000 +4,?995 +5/);
  const listed = JSON.parse((await ok("rejected", ...place, "--json")).stdout) as object[];
  expect(listed).toMatchObject([
    { line: 8, column: "qty", value: "18446744073709551615", reason: "CELL_INVALID" },
    { line: 1008, column: "qty" },
    { line: 2008, column: "qty" },
    { line: 3008, column: "qty" },
    { line: 4008, column: "qty" },
  ]);
  const edited = join(folder, "edited.csv");
  const { stdout: csv } = await ok("rejected", ...place, "--csv");
  const wrong = csv.replace(/,18446744073709551615,(?=[^,]*\n)/, ",many,");
  writeFileSync(edited, wrong);
  const refused = await cli(["correct", edited, ...place]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('r.qty: "many" is not a int');
  // The quantity alone is not enough for the row whose note is no text.
  writeFileSync(edited, csv.replaceAll(/,18446744073709551615,(?=[^,]*\n)/g, ",7,"));
  expect((await ok("correct", edited, ...place)).stderr).toContain("5 rows corrected");
  const replay = await ok("replay", ...place);
  expect(replay.stderr).toMatch(/read_stock +success.* 5,?000 +4,?999 +1/);
  const left = JSON.parse((await ok("rejected", ...place, "--json")).stdout) as object[];
  expect(left).toMatchObject([
    { line: 2008, column: "note", reason: "ENCODING_INVALID", values: { qty: "7" } },
  ]);
  const { stdout: rest } = await ok("rejected", ...place, "--csv");
  writeFileSync(edited, rest.replace("\uFFFD\n", "fine\n"));
  await ok("correct", edited, ...place);
  await ok("replay", ...place);
  const good = await pipeline("good-parquet", false);
  await ok(...good.run);
  expect(contentsOf(out)).toEqual(contentsOf(good.out));
  expect(readFileSync(join(out, "stock.csv"), "utf8").split("\n")).toHaveLength(ROWS + 2);
});
