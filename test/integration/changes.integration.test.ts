import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cli, startCli, type Ended, type Started } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { countOf, statusOf } from "../support/run-status.ts";
import { slowPipeline } from "../support/slow-pipeline.ts";
import { tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";
import { until } from "../support/until.ts";

/** Starts a process that is gone with the test, whatever becomes of it. */
function start(args: readonly string[]): Started {
  const started = startCli(args);
  onTestFinished(async () => {
    started.child.kill("SIGKILL");
    await started.ended;
  });
  return started;
}

/** One clear fault with its code, and no crash. */
function expectFault(
  { code, signal, stderr }: Ended,
  codes: readonly number[],
  text: RegExp,
): void {
  expect(signal, stderr).toBeNull();
  expect(codes, stderr).toContain(code);
  expect(stderr).toMatch(text);
  expect(stderr).not.toMatch(/INTERNAL|^\s+at .*\(/m);
}

/** The folder of a node's tables of run 1. */
function tableFolder({ data }: Tiny, node: string): string {
  const keyspace = readdirSync(data).find((name) => name.startsWith("tiny."));
  return join(data, String(keyspace), "run-1", node);
}

const finished = async (args: readonly string[]): Promise<void> => {
  const { code, stderr } = await cli(args);
  expect(code, stderr).toBe(0);
};

const isRunning = ({ data }: Tiny, node: string): Promise<true> =>
  until(`${node} is running`, async () =>
    countOf(await statusOf(data, "tiny"), node, "running") > 0 ? true : undefined,
  );

const preview = ({ data }: Tiny): readonly string[] => [
  "preview",
  "stock",
  "--keyspace",
  "tiny",
  "--data",
  data,
];

test("a keyspace that is dropped while others preview it: rows or a clear fault, and a new one of the name starts at run 1", async () => {
  const tiny = tinyPipeline(temporaryFolder("drop"), { files: 40 });
  await finished([...tiny.run, "--set", "chunk_rows=1"]);
  const whole = (await cli([...preview(tiny), "--rows", "1000"])).stdout;
  let dropped = false;
  const readOn = async (): Promise<void> => {
    for (let isLast = false; !isLast;) {
      isLast = dropped;
      const ended = await cli([...preview(tiny), "--rows", "1000"]);
      if (ended.code === 0) expect(ended.stdout).toBe(whole);
      else expectFault(ended, [1, 2, 5], /error [A-Z_]+: /);
    }
  };
  const readers = [readOn(), readOn()];
  const ended = await cli(["drop", "--keyspace", "tiny", "--data", tiny.data]);
  dropped = true;
  await Promise.all(readers);
  expect(ended.code, ended.stderr).toBe(0);
  expect((await cli(preview(tiny))).code).toBe(2);
  expect(readdirSync(tiny.data).filter((name) => name.startsWith("tiny"))).toEqual([]);
  await finished(tiny.run);
  expect((await statusOf(tiny.data, "tiny"))?.run).toBe(1);
});

test("a keyspace that is dropped under a run: the run ends with a clear fault, publishes nothing and leaves nothing", async () => {
  const tiny = slowPipeline(temporaryFolder("under"), { files: 12, rows: 60 });
  const run = start([...tiny.run, "--set", "chunk_rows=5"]);
  await isRunning(tiny, "read_stock");
  await finished(["drop", "--keyspace", "tiny", "--data", tiny.data]);
  expectFault(await run.ended, [5], /error KEYSPACE_DROPPING: .*dropped while run 1/);
  expect(readdirSync(tiny.out)).toEqual([]);
  await finished(["drop", "--keyspace", "tiny", "--data", tiny.data]);
  expect(readdirSync(tiny.data).filter((name) => name.startsWith("tiny"))).toEqual([]);
});

/** The run that reads the damaged table fails with that cause and says which table it is and what to do. */
async function expectDamaged(tiny: Tiny, run: number): Promise<void> {
  const reader = await cli([...tiny.run, "--start", "write_stock"]);
  expectFault(
    reader,
    [1],
    /read_stock.*missing or incomplete[^]*Run the node that wrote the table/,
  );
  const [writer] = (await statusOf(tiny.data, "tiny", run))?.nodes ?? [];
  expect(writer).toMatchObject({ state: "fail", cause: { code: "TABLE_DAMAGED" } });
  expect(readdirSync(tiny.out)).toEqual([]);
}

test("an older copy of a table that was put back is told from the table, never read", async () => {
  const tiny = tinyPipeline(temporaryFolder("older"), { files: 3, manualWriter: true });
  const started = await cli([...tiny.run, "--set", "chunk_rows=1"]);
  expect(started.code, started.stderr).toBe(0);
  const folder = tableFolder(tiny, "read_stock");
  const older = tinyPipeline(temporaryFolder("copy"), { files: 1, manualWriter: true });
  await finished([...older.run, "--set", "chunk_rows=1"]);
  rmSync(folder, { recursive: true });
  cpSync(tableFolder(older, "read_stock"), folder, { recursive: true });
  await expectDamaged(tiny, 2);
  expectFault(await cli(preview(tiny)), [1, 5], /TABLE_DAMAGED[^]*Run the node/);
  expect(readdirSync(tiny.out)).toEqual([]);
});

test("a table whose folder is gone or empty is damaged, and running its node again repairs it", async () => {
  const tiny = tinyPipeline(temporaryFolder("gone"), { manualWriter: true });
  await finished(tiny.run);
  const folder = tableFolder(tiny, "read_stock");
  rmSync(folder, { recursive: true });
  await expectDamaged(tiny, 2);
  await finished(tiny.run);
  await finished([...tiny.run, "--start", "write_stock"]);
  expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
});

test("a data folder that is deleted under a run ends it with exit code 5", async () => {
  const tiny = slowPipeline(temporaryFolder("deleted"), { files: 12, rows: 60 });
  const run = start([...tiny.run, "--set", "chunk_rows=5"]);
  await isRunning(tiny, "read_stock");
  rmSync(tiny.data, { recursive: true, force: true });
  expectFault(await run.ended, [5], /STORE_|DISK_/);
  expect(readdirSync(tiny.out)).toEqual([]);
});

test("the data folder of a killed process can be read and its run continued after it was moved", async () => {
  const tiny = slowPipeline(temporaryFolder("moved"), { files: 12, rows: 40 });
  const run = start(tiny.run);
  await isRunning(tiny, "read_stock");
  run.child.kill("SIGKILL");
  await run.ended;
  const moved = `${tiny.data}-moved`;
  renameSync(tiny.data, moved);
  expect((await statusOf(moved, "tiny"))?.state).toBe("running");
  await finished(["resume", "--keyspace", "tiny", "--data", moved]);
  expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
  expect(existsSync(tiny.data)).toBe(false);
});

test("an input that changes between the start of a run and its reading is named", async () => {
  const tiny = slowPipeline(temporaryFolder("changed"), { files: 30, rows: 20 });
  const run = start([...tiny.run, "--threads", "1"]);
  await isRunning(tiny, "read_stock");
  run.child.kill("SIGKILL");
  await run.ended;
  const last = join(tiny.folder, "in", "stock_29.csv");
  appendFileSync(last, "Z-9,1,1.00\n");
  expectFault(
    await cli(["resume", "--keyspace", "tiny", "--data", tiny.data]),
    [1],
    /stock_29\.csv is not what it was when the run started/,
  );
  expect(readdirSync(tiny.out)).toEqual([]);
});

test("an input that is rewritten with the same size is noticed too", async () => {
  const tiny = slowPipeline(temporaryFolder("rewritten"), { files: 30, rows: 20 });
  const run = start([...tiny.run, "--threads", "1"]);
  await isRunning(tiny, "read_stock");
  run.child.kill("SIGKILL");
  await run.ended;
  const last = join(tiny.folder, "in", "stock_29.csv");
  writeFileSync(last, readFileSync(last, "utf8").replaceAll("1.50", "1.51"));
  const resumed = await cli(["resume", "--keyspace", "tiny", "--data", tiny.data]);
  expectFault(resumed, [1], /stock_29\.csv is not what it was when the run started/);
  expect(contentsOf(tiny.out)).toEqual({});
});

test("an input that grows while it is read is named", async () => {
  const tiny = slowPipeline(temporaryFolder("growing"), { rows: 800 });
  const run = start([...tiny.run, "--threads", "1"]);
  await isRunning(tiny, "read_stock");
  appendFileSync(join(tiny.folder, "in", "stock.csv"), "Z-9,1,1.00\n");
  expectFault(await run.ended, [1], /stock\.csv/);
  expect(readdirSync(tiny.out)).toEqual([]);
});
