import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newestFirst } from "#pkg/draft";
import { cli, startCli, type Ended, type Started } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { batchesOf, countOf, statusOf } from "../support/run-status.ts";
import { slowPipeline, type SlowOptions } from "../support/slow-pipeline.ts";
import { tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";
import { until } from "../support/until.ts";

/** Long enough for a starved process of a loaded machine, short enough for a test. */
const LEASE = { CAPI_LEASE_SECONDS: "12" };
const LONG = 240_000;

/** Starts a process that is gone with the test, whatever becomes of it. */
function start(args: readonly string[]): Started {
  const started = startCli(args, { env: LEASE });
  onTestFinished(async () => {
    started.child.kill("SIGKILL");
    await started.ended;
  });
  return started;
}

const joining = ({ data }: Tiny, ...more: readonly string[]): readonly string[] => [
  "resume",
  "--keyspace",
  "tiny",
  "--data",
  data,
  ...more,
];

/** The files of the same pipeline in one quiet process. */
async function undisturbed(options: SlowOptions): Promise<Record<string, string>> {
  const tiny = slowPipeline(temporaryFolder("quiet"), options);
  const ended = await cli([...tiny.run, "--threads", "2"]);
  expect(ended.code, ended.stderr).toBe(0);
  return contentsOf(tiny.out);
}

const running = ({ data }: Tiny, node: string): Promise<number> =>
  until(`${node} is running`, async () => {
    const count = countOf(await statusOf(data, "tiny"), node, "running");
    return count > 0 ? count : undefined;
  });

/** A zombie may notice by its lost lease (5) or by the final run (0); it never crashes. */
function expectHarmless({ code, signal, stderr }: Ended): void {
  expect(signal).toBeNull();
  expect([0, 5], stderr).toContain(code);
  expect(stderr).not.toMatch(/INTERNAL|^\s+at .*\(/m);
}

test(
  "T-11: of 4 processes with 8 threads each on one run one is frozen; the others finish it, and when it wakes it changes nothing",
  async () => {
    const options = { files: 60, rows: 12 };
    const expected = await undisturbed(options);
    const tiny = slowPipeline(temporaryFolder("four"), options);
    const frozen = start([...tiny.run, "--threads", "8"]);
    await running(tiny, "read_stock");
    const others = [1, 2, 3].map(() => start(joining(tiny, "--threads", "8")));
    for (const other of others)
      await until("it joins", () => (/goes on/.test(other.printed()) ? true : undefined));
    frozen.child.kill("SIGSTOP");
    for (const { code, stderr } of await Promise.all(others.map(({ ended }) => ended)))
      expect(code, stderr).toBe(0);
    expect(contentsOf(tiny.out)).toEqual(expected);
    const before = await statusOf(tiny.data, "tiny");
    expect(before).toMatchObject({ state: "complete", outcome: "succeeded" });
    const causes = batchesOf(before, "read_stock").flatMap(({ causes }) => causes);
    expect(causes.map(({ code }) => code)).toContain("WORKER_LOST");
    frozen.child.kill("SIGCONT");
    expectHarmless(await frozen.ended);
    expect(contentsOf(tiny.out)).toEqual(expected);
    expect(await statusOf(tiny.data, "tiny")).toEqual(before);
  },
  LONG,
);

test(
  "T-11: a process that is frozen while it writes a file wakes after another has published it and leaves nothing behind",
  async () => {
    const options: SlowOptions = { rows: 200, slow: "write" };
    const expected = await undisturbed(options);
    const tiny = slowPipeline(temporaryFolder("writer"), options);
    const frozen = start([...tiny.run, "--threads", "1", "--set", "chunk_rows=7"]);
    await running(tiny, "write_stock");
    frozen.child.kill("SIGSTOP");
    expect(countOf(await statusOf(tiny.data, "tiny"), "write_stock", "running")).toBe(1);
    const other = await start(joining(tiny, "--threads", "1")).ended;
    expect(other.code, other.stderr).toBe(0);
    expect(contentsOf(tiny.out)).toEqual(expected);
    frozen.child.kill("SIGCONT");
    expectHarmless(await frozen.ended);
    expect(contentsOf(tiny.out)).toEqual(expected);
  },
  LONG,
);

test(
  "T-10: row code that keeps a core busy for several leases is executed once, though another process attends the run",
  async () => {
    const tiny = slowPipeline(temporaryFolder("busy"), { rows: 900 });
    const env = { CAPI_LEASE_SECONDS: "2" };
    const busy = startCli([...tiny.run, "--threads", "1"], { env });
    await running(tiny, "read_stock");
    const other = await cli(joining(tiny, "--threads", "1"), { env });
    expect(other.code, other.stderr).toBe(0);
    expect((await busy.ended).code).toBe(0);
    const status = await statusOf(tiny.data, "tiny");
    const batches = batchesOf(status, "read_stock");
    expect(batches.map(({ elapsedMs }) => elapsedMs > 4000)).toEqual([true]);
    expect(batches).toMatchObject([{ state: "success", attempts: 1, causes: [] }]);
  },
  LONG,
);

test("two runs at once that write one file: one is refused, or they come one after the other", async () => {
  const tiny = slowPipeline(temporaryFolder("conflict"), { rows: 30 });
  const both = await Promise.all([cli(tiny.run), cli(tiny.run)]);
  expect(both.map(({ code }) => code)).toContain(0);
  for (const { code, stderr } of both) {
    expect([0, 2], stderr).toContain(code);
    if (code === 2) expect(stderr).toMatch(/RUN_CONFLICT.*stock\.csv/);
  }
  expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
  expect(contentsOf(tiny.out)).toEqual(await undisturbed({ rows: 30 }));
});

test("two runs at once in one keyspace with files of their own both succeed and are numbered 1 and 2", async () => {
  const tiny = slowPipeline(temporaryFolder("both"), { rows: 30, target: "{part}/stock.csv" });
  const parts = ["one", "two"];
  for (const part of parts) mkdirSync(join(tiny.out, part));
  const both = await Promise.all(
    parts.map((part) => cli([...tiny.run, "--param", `part=${part}`, "--json"])),
  );
  for (const { code, stderr } of both) expect(code, stderr).toBe(0);
  const runs = both.map(({ stdout }) => (JSON.parse(stdout) as { run: number }).run);
  expect(runs.toSorted((a, b) => a - b)).toEqual([1, 2]);
  const expected = await undisturbed({ rows: 30 });
  for (const part of parts) expect(contentsOf(join(tiny.out, part))).toEqual(expected);
});

test("Ctrl-C hands the work back, names the command that goes on, and that command gives the same files", async () => {
  const options = { files: 12, rows: 25 };
  const tiny = slowPipeline(temporaryFolder("interrupt"), options);
  const run = start([...tiny.run, "--threads", "2", "--set", "chunk_rows=5"]);
  await running(tiny, "read_stock");
  run.child.kill("SIGINT");
  const { code, stderr } = await run.ended;
  expect(code, stderr).toBe(5);
  expect(stderr).toContain(`capitoolbelt resume --keyspace tiny --run 1 --data ${tiny.data}`);
  expect(readdirSync(tiny.out)).toEqual([]);
  const status = await statusOf(tiny.data, "tiny");
  expect(countOf(status, "read_stock", "running")).toBe(0);
  expect(status?.state).toBe("running");
  const resumed = await cli(joining(tiny));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(await undisturbed(options));
});

test("a second Ctrl-C ends at once, and resume goes on all the same", async () => {
  const tiny = slowPipeline(temporaryFolder("twice"), { rows: 400 });
  const run = start([...tiny.run, "--threads", "1"]);
  await running(tiny, "read_stock");
  run.child.kill("SIGINT");
  await until("it answers", () => (/once more/.test(run.printed()) ? true : undefined));
  run.child.kill("SIGINT");
  expect((await run.ended).code).toBe(5);
  const resumed = await cli(joining(tiny));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
});

test("a run that another process stops ends with exit code 4 and publishes nothing", async () => {
  const tiny = slowPipeline(temporaryFolder("stop"), { files: 12, rows: 60 });
  const run = start([...tiny.run, "--threads", "2", "--set", "chunk_rows=5"]);
  await running(tiny, "read_stock");
  const stop = ["stop_run", "-keyspace=tiny", "-run_id=1", "-comment=wrong month"];
  const stopped = await cli([...stop, `-data=${tiny.data}`]);
  expect(stopped.code, stopped.stderr).toBe(0);
  const { code, stderr } = await run.ended;
  expect(code, stderr).toBe(4);
  expect(stderr).toContain("wrong month");
  expect(readdirSync(tiny.out)).toEqual([]);
  const status = await statusOf(tiny.data, "tiny");
  expect(status?.state).toBe("stopped");
  expect((await cli(joining(tiny))).code).toBe(2);
});

test("stopping a completed run invalidates it: a run that depends on it ends with that cause", async () => {
  const tiny = tinyPipeline(temporaryFolder("invalid"), { manualWriter: true });
  expect((await cli(tiny.run)).code).toBe(0);
  const stop = ["stop_run", "-keyspace=tiny", "-run_id=1", `-data=${tiny.data}`];
  expect((await cli(stop)).code).toBe(0);
  const { code, stderr } = await cli([...tiny.run, "--start", "write_stock"]);
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/write_stock[^]*read_stock/);
  const status = await statusOf(tiny.data, "tiny", 2);
  expect(status?.nodes).toMatchObject([{ node: "write_stock", state: "skipped" }]);
  expect(status?.nodes[0]?.cause?.code).toBe("DEPENDENCY_NOGO");
  expect(readdirSync(tiny.out)).toEqual([]);
});

test("a run that needs what only an abandoned run can bring ends with exit code 3 and says so", async () => {
  expect(newestFirst.rules.map(({ cmd }) => cmd)).toContain("wait");
  const tiny = slowPipeline(temporaryFolder("wait"), { rows: 300, manualWriter: true });
  const first = start(tiny.run);
  await running(tiny, "read_stock");
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await cli([...tiny.run, "--start", "write_stock"]);
  expect(second.code, second.stderr).toBe(3);
  expect(second.stderr).toMatch(/write_stock.*wait[^]*read_stock/);
  const resumed = await cli(joining(tiny, "--run", "1"));
  expect(resumed.code, resumed.stderr).toBe(0);
  const waiting = await cli(joining(tiny, "--run", "2"));
  expect(waiting.code, waiting.stderr).toBe(0);
  expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
});
