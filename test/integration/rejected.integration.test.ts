import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { batchesOf, statusOf } from "../support/run-status.ts";
import { STOCK, tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";

const BAD = STOCK.replace("B-2,4", "B-2,x");

/** The tiny pipeline whose reader rejects what it cannot read. */
function rejecting(name: string, settings: object, files = 1): Tiny {
  const tiny = tinyPipeline(temporaryFolder(name), { csv: BAD, files });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as { nodes: Record<string, object> };
  Object.assign(script.nodes["read_stock"] as object, { on_error: "reject", ...settings });
  writeFileSync(tiny.script, JSON.stringify(script));
  return tiny;
}

const FILES = 80;

const rejected = ({ data }: Tiny, ...more: readonly string[]) =>
  cli(["rejected", "--keyspace", "tiny", "--data", data, ...more]);

test("rows that cannot be read are kept with place and reason, and the others go on", async () => {
  const tiny = rejecting("rejected", {});
  const run = await cli(tiny.run);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/read_stock +success +3 +2 +1/);
  const shown = await rejected(tiny);
  expect(shown.code, shown.stderr).toBe(0);
  expect(shown.stdout).toMatch(
    /read_stock +\S+stock\.csv +3 +\S+ +x +CELL_INVALID +"x" is not an int/,
  );
  expect(shown.stderr).toBe("1 rejected row: 1 CELL_INVALID\n");
  const csv = (await rejected(tiny, "--csv")).stdout.trimEnd().split("\n");
  expect(csv).toHaveLength(2);
  expect(csv[0]).toMatch(/^node,input,file,line,column,value,reason,message,decision,r\./);
  const json = JSON.parse((await rejected(tiny, "--json")).stdout) as object[];
  expect(json).toMatchObject([{ node: "read_stock", batch: 0, line: 3, value: "x" }]);
  expect((await rejected(tiny, "--reason", "RECORD_INVALID", "--json")).stdout).toBe("[]\n");
  expect((await rejected(tiny, "--file", "stock.csv", "--json", "--rows", "0")).stdout).toBe(
    "[]\n",
  );
  const unknown = await rejected(tiny, "--node", "nobody");
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("NODE_MISSING")]);
});

test("T-18: max_rejected holds over all batches of a node in the store, not only for what is shown", async () => {
  // Quick batches are claimed in bundles that grow; those in work when the limit is passed end.
  const tiny = rejecting("t18", { max_rejected: 4 }, FILES);
  const run = await cli([...tiny.run, "--threads", "1"]);
  expect(run.code).toBe(1);
  const status = await statusOf(tiny.data, "tiny");
  const [reader, writer] = status?.nodes ?? [];
  expect(reader).toMatchObject({
    state: "fail",
    cause: {
      code: "REJECTED_LIMIT",
      message: "node read_stock: more than 4 rows were rejected",
    },
  });
  expect(writer?.state).toBe("skipped");
  const done = batchesOf(status, "read_stock").length;
  expect(done).toBeLessThan(FILES);
  const json = JSON.parse((await rejected(tiny, "--json")).stdout) as object[];
  expect(json).toHaveLength(done);
});

test("T-18: a batch that alone has too many ends early and shows what it rejected until then", async () => {
  const tiny = rejecting("t18-one", { max_rejected: 10 });
  writeFileSync(
    join(tiny.folder, "in", "stock.csv"),
    `sku,qty,price\n${"A,x,1\n".repeat(100_000)}`,
  );
  const run = await cli(tiny.run);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("more than 10 rows were rejected; the first: ");
  const shown = await rejected(tiny);
  expect(shown.stderr).toBe("11 rejected rows: 11 CELL_INVALID\n");
});
