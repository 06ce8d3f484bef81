// npm run bench:batches [-- --rows n,n --batches n,n --workers n --threads n --rounds n]: what a batch costs beside its rows. The
// same rows are copied in few and in many batches by capidaemon workers on the Cassandra and RabbitMQ of CAPI_TEST_SERVICES.
// Needs a build.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { newestFirst } from "#pkg/draft";
import type { CassandraAddress } from "../scripts/services/cassandra.ts";
import type { RabbitAddress } from "../scripts/services/rabbit.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "20000,3000000" },
    batches: { type: "string", default: "100,1000" },
    workers: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
  },
});
const root = join(import.meta.dirname, "..");
const program = (name: string): string => join(root, "dist", name, "main.js");
const { cassandra, rabbit } = JSON.parse(process.env["CAPI_TEST_SERVICES"] ?? "{}") as {
  readonly cassandra?: CassandraAddress;
  readonly rabbit?: RabbitAddress;
};
if (cassandra === undefined || rabbit === undefined)
  throw new Error("CAPI_TEST_SERVICES is not set: npm run services prints its value");

const numbers = (text: string): readonly number[] => text.split(",").map(Number);
const counts = numbers(flags.batches);
const id = randomUUID().slice(0, 8);
const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
const env = {
  ...process.env,
  CAPI_CASSANDRA_HOSTS: cassandra.contactPoints.join(","),
  CAPI_CASSANDRA_PORT: String(cassandra.port),
  CAPI_CASSANDRA_LOCAL_DATA_CENTER: cassandra.localDataCenter,
  CAPI_CASSANDRA_CONTROL_KEYSPACE: `bench_${id}`,
  CAPI_AMQP_URL: rabbit.url,
  CAPI_AMQP_QUEUE: `bench.${id}`,
  CAPI_THREAD_POOL_SIZE: flags.threads,
};

async function startWorker(number: number): Promise<ChildProcess> {
  const log = join(work, `worker-${number}.log`);
  const output = openSync(log, "w");
  const worker = spawn(process.execPath, [program("daemon")], {
    cwd: work,
    env,
    stdio: ["ignore", output, output],
  });
  while (!readFileSync(log, "utf8").includes("worker serves")) {
    if (worker.exitCode !== null) throw new Error(readFileSync(log, "utf8"));
    await pause(50);
  }
  return worker;
}

const field = (expression: string) => ({ expression, type: "int" });

function scriptOf(file: string): object {
  const copies = counts.map((count) => [
    `copy_${count}`,
    {
      type: "table_table",
      start_policy: "manual",
      r: { table: "rows", expected_batches_total: count },
      w: { name: `copied_${count}`, fields: { id: field("r.id"), value: field("r.value + 1") } },
    },
  ]);
  const column = (name: string) => ({ csv: { col_hdr: name }, col_type: "int" });
  const read = {
    type: "file_table",
    r: {
      urls: [file],
      csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
      columns: { col_id: column("id"), col_value: column("value") },
    },
    w: { name: "rows", fields: { id: field("r.col_id"), value: field("r.col_value") } },
  };
  return {
    nodes: { read, ...(Object.fromEntries(copies) as object) },
    dependency_policies: { newest_first: newestFirst },
  };
}

function writeRows(file: string, rows: number): void {
  const out = openSync(file, "w");
  writeSync(out, "id,value\n");
  for (let from = 0; from < rows; from += 50_000) {
    const lines = Array.from(
      { length: Math.min(50_000, rows - from) },
      (_, at) => `${from + at},${(from + at) % 97}\n`,
    );
    writeSync(out, lines.join(""));
  }
  closeSync(out);
}

interface Report {
  readonly nodes: readonly { readonly node: string; readonly elapsedMs: number }[];
}

/** Milliseconds that the node took. */
function run(script: string, keyspace: string, node: string): number {
  const args = ["run", script, "--keyspace", keyspace, "--start", node, "--cluster", "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program("toolbelt"), ...args], {
    cwd: work,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const { nodes } = JSON.parse(stdout) as Report;
  return nodes.find((each) => each.node === node)?.elapsedMs ?? Number.NaN;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The same rows in every number of batches, in turns. */
function compare(rows: number): void {
  const file = join(work, `rows-${rows}.csv`);
  writeRows(file, rows);
  const script = join(work, `script-${rows}.json`);
  writeFileSync(script, JSON.stringify(scriptOf(file)));
  const keyspace = `rows_${rows}`;
  run(script, keyspace, "read");
  const elapsed = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < Number(flags.rounds); round += 1)
    for (const [count, times] of elapsed) times.push(run(script, keyspace, `copy_${count}`));
  for (const [count, times] of elapsed)
    console.log(`${rows} rows in ${count} batches: ${times.join(", ")} ms`);
  const [few, many] = [Math.min(...counts), Math.max(...counts)];
  const base = median(elapsed.get(few) ?? []);
  const more = median(elapsed.get(many) ?? []) - base;
  const each = (more / (many - few)).toFixed(2);
  const share = ((more / base) * 100).toFixed(0);
  console.log(
    `${rows} rows: a batch more costs ${each} ms, ${many} batches ${share} % more than ${few}`,
  );
  rmSync(file);
}

const workers = await Promise.all(
  Array.from({ length: Number(flags.workers) }, (_, number) => startWorker(number)),
);
try {
  for (const rows of numbers(flags.rows)) compare(rows);
} finally {
  for (const worker of workers) worker.kill("SIGTERM");
  rmSync(work, { recursive: true, force: true });
}
