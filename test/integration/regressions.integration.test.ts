import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { cli, startCli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { batchesOf, statusOf } from "../support/run-status.ts";
import { slowPipeline } from "../support/slow-pipeline.ts";
import { STOCK, tinyPipeline } from "../support/tiny-pipeline.ts";
import { until } from "../support/until.ts";

test("T-07: after a failed source every node below it is final, with a cause that names the source", async () => {
  const tiny = tinyPipeline(temporaryFolder("t07"), { csv: STOCK.replace("B-2,4", "B-2,x") });
  expect((await cli(tiny.run)).code).toBe(1);
  const status = await statusOf(tiny.data, "tiny");
  expect(status).toMatchObject({ state: "complete", outcome: "failed" });
  expect(status?.nodes.map(({ state }) => state)).toEqual(["fail", "skipped"]);
  const [, writer] = status?.nodes ?? [];
  expect(writer?.cause?.message).toContain("read_stock");
  expect(readdirSync(tiny.out)).toEqual([]);
});

test("T-08: after its end a run is executed no further: resume is refused and no batch has another attempt", async () => {
  const tiny = tinyPipeline(temporaryFolder("t08"), { files: 3 });
  expect((await cli(tiny.run)).code).toBe(0);
  const before = await statusOf(tiny.data, "tiny");
  const files = contentsOf(tiny.out);
  const resume = ["resume", "--keyspace", "tiny", "--run", "1", "--data", tiny.data];
  const { code, stderr } = await cli(resume);
  expect(code, stderr).toBe(2);
  expect(await statusOf(tiny.data, "tiny")).toEqual(before);
  expect(contentsOf(tiny.out)).toEqual(files);
});

test("T-12: a run whose process is killed before its first batch is finished by resume", async () => {
  const options = { files: 4, rows: 60 };
  const tiny = slowPipeline(temporaryFolder("t12"), options);
  const { child, ended, printed } = startCli([...tiny.run, "--threads", "1"]);
  await until("the run is visible", () => (/run 1 .* started/.test(printed()) ? true : undefined));
  child.kill("SIGKILL");
  await ended;
  const killed = await statusOf(tiny.data, "tiny");
  expect(killed?.state).toBe("running");
  expect(batchesOf(killed, "read_stock").map(({ state }) => state)).not.toContain("success");
  const resumed = await cli(["resume", "--keyspace", "tiny", "--data", tiny.data]);
  expect(resumed.code, resumed.stderr).toBe(0);
  const quiet = slowPipeline(temporaryFolder("t12-quiet"), options);
  expect((await cli(quiet.run)).code).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(contentsOf(quiet.out));
});
