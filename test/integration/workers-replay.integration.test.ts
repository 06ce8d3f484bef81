import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";
import { installation } from "../support/workers.ts";

/** More than two pages of decisions. */
const ROWS = 2500;

const stock = (quantity: string): string =>
  `sku,qty,price\n${Array.from({ length: ROWS }, (_, at) => `A-${at},${at % 2 === 0 ? quantity : at},1.50\n`).join("")}`;

test("P10: workers replay rows that were corrected as one process does, page by page", async () => {
  const site = installation("workers-replay");
  const tiny = tinyPipeline(site.folder, { csv: stock("x"), files: 2 });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as { nodes: Record<string, object> };
  Object.assign(script.nodes["read_stock"] as object, { on_error: "reject" });
  writeFileSync(tiny.script, JSON.stringify(script));
  const ok = async (...args: readonly string[]) => {
    const ended = await site.toolbelt(...args, "--keyspace", "tiny");
    expect(ended.code, ended.stderr).toBe(0);
    return ended;
  };
  await Promise.all([site.worker(), site.worker()]);
  await ok("run", tiny.script);
  const { stdout } = await ok("rejected", "--csv");
  const edited = join(site.folder, "edited.csv");
  writeFileSync(edited, stdout.replaceAll(/,x,1.50(?=\r?\n)/g, ",7,1.50"));
  expect((await ok("correct", edited)).stderr).toContain(`${ROWS} rows corrected`);
  expect((await ok("replay", "--plan")).stderr).toBe(`to be applied: ${ROWS} corrected rows\n`);
  await ok("replay");
  const good = tinyPipeline(temporaryFolder("workers-replay-good"), { csv: stock("7"), files: 2 });
  expect((await cli(good.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(good.out));
  expect((await ok("replay")).stderr).toContain("nothing to replay");
}, 120_000);
