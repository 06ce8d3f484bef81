import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { duckFile } from "../../pkg/formats/parquet/test-support/duck.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";

interface ReaderShape {
  nodes: { read_stock: { r: { urls: readonly string[]; csv?: object; columns: object } } };
}

/** The pipeline of `tinyPipeline` with a Parquet file to read. */
function parquetPipeline(folder: string, content: Uint8Array): Tiny {
  const tiny = tinyPipeline(folder);
  const file = join(folder, "in", "stock.parquet");
  writeFileSync(file, content);
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as ReaderShape;
  script.nodes.read_stock.r = {
    urls: [file],
    columns: {
      col_sku: { parquet: { col_name: "sku" }, col_type: "string" },
      col_qty: { parquet: { col_name: "qty" }, col_type: "int" },
      col_price: { parquet: { col_name: "price" }, col_type: "decimal2" },
    },
  };
  writeFileSync(tiny.script, JSON.stringify(script));
  return tiny;
}

const stock = async (): Promise<Buffer> =>
  Buffer.from(
    await duckFile(
      "select 'S-' || i as sku, i as qty, (i * 0.25)::decimal(9,2) as price from range(5000) t(i)",
      ", codec gzip",
    ),
  );

/** The codec of a column chunk is one zigzag byte of the footer, field 4 behind the path. */
function withCodecSnappy(bytes: Buffer): Buffer {
  const path = Buffer.from([0x03, ...Buffer.from("qty"), 0x15, 0x04]);
  const codec = bytes.lastIndexOf(path);
  expect(codec).toBeGreaterThan(0);
  return bytes.fill(2, codec + path.length - 1, codec + path.length);
}

test("the Parquet file that the cases damage is read", async () => {
  const tiny = parquetPipeline(temporaryFolder("parquet"), await stock());
  const ended = await cli(tiny.run);
  expect(ended.code, ended.stderr).toBe(0);
  expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toContain("\nS-10,20,2.50\n");
});

test.each([
  ["truncated Parquet", (whole: Buffer) => whole.subarray(0, 20_000), "it may be cut off"],
  ["truncated Parquet with its end", holed, "column "],
  ["the wrong codec", withCodecSnappy, "column qty"],
] as const)("bad source: %s fails its node and leaves no file", async (_, damage, says) => {
  const tiny = parquetPipeline(temporaryFolder("parquet"), damage(await stock()));
  const { code, stderr } = await cli(tiny.run);
  expect(code, stderr).toBe(1);
  expect(stderr).not.toMatch(/^\s+at .*\(/m);
  expect(stderr).toContain("read_stock: ");
  expect(stderr).toContain("stock.parquet is not a readable Parquet file: ");
  expect(stderr).toContain(says);
  expect(stderr).toContain("  → ");
  expect(readdirSync(tiny.out)).toEqual([]);
});

/** Without a piece of its pages; the footer names more than there is. */
function holed(whole: Buffer): Buffer {
  return Buffer.concat([whole.subarray(0, 500), whole.subarray(900)]);
}
