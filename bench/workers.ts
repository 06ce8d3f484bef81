// npm run bench:workers [-- --size S|M] [--workers n] [--threads n] [--rounds n]: capidaemon workers and `capitoolbelt --cluster run`
// on the Cassandra and RabbitMQ of CAPI_TEST_SERVICES, beside the same job embedded; then what an idle worker costs. Needs a build.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { CassandraAddress } from "../scripts/services/cassandra.ts";
import type { RabbitAddress } from "../scripts/services/rabbit.ts";
import { generate, type Size } from "./generate.ts";

const { values: flags } = parseArgs({
  options: {
    size: { type: "string", default: "M" },
    workers: { type: "string", default: "2" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    idle: { type: "string", default: "20" },
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

const id = randomUUID().slice(0, 8);
const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
const cluster = {
  CAPI_CASSANDRA_HOSTS: cassandra.contactPoints.join(","),
  CAPI_CASSANDRA_PORT: String(cassandra.port),
  CAPI_CASSANDRA_LOCAL_DATA_CENTER: cassandra.localDataCenter,
  CAPI_CASSANDRA_CONTROL_KEYSPACE: `bench_${id}`,
  CAPI_AMQP_URL: rabbit.url,
  CAPI_AMQP_QUEUE: `bench.${id}`,
  CAPI_THREAD_POOL_SIZE: flags.threads,
};

/** Seconds of processor time so far. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const peakMb = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

async function startWorker(number: number): Promise<ChildProcess> {
  const log = join(work, `worker-${number}.log`);
  const output = openSync(log, "w");
  const env = { ...process.env, ...cluster };
  const stdio = ["ignore", output, output] as const;
  const worker = spawn(process.execPath, [program("daemon")], {
    cwd: work,
    env,
    stdio: [...stdio],
  });
  while (!readFileSync(log, "utf8").includes("worker serves")) {
    if (worker.exitCode !== null) throw new Error(readFileSync(log, "utf8"));
    await pause(50);
  }
  return worker;
}

/** Seconds of the whole command. */
function job(name: string, flagsOfRun: readonly string[], env: NodeJS.ProcessEnv): number {
  const out = join(work, `out-${name}`);
  mkdirSync(out);
  const parameters = join(work, `${name}.json`);
  const input = join(tmpdir(), `capillaries-bench-data-${flags.size}`);
  writeFileSync(parameters, JSON.stringify({ dir_in: input, dir_out: out, batches: 8 }));
  const script = join(import.meta.dirname, "jobs", "j1.json");
  const args = ["run", script, "--params", parameters, "--keyspace", name, ...flagsOfRun];
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [program("toolbelt"), ...args], {
    cwd: work,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - began) / 1000;
}

const input = join(tmpdir(), `capillaries-bench-data-${flags.size}`);
if (!existsSync(input)) generate(flags.size as Size, input);
const workers = await Promise.all(
  Array.from({ length: Number(flags.workers) }, (_, number) => startWorker(number)),
);
const pids = workers.map(({ pid }) => pid ?? 0);
try {
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    const embedded = job(`e${round}`, ["--data", join(work, `data-${round}`)], {});
    const shared = job(`c${round}`, ["--cluster"], cluster);
    console.log(
      `j1 ${flags.size}: embedded ${embedded.toFixed(2)} s, ${flags.workers} workers ${shared.toFixed(2)} s, ${(shared / embedded).toFixed(1)} times`,
    );
  }
  console.log(`workers: peak ${pids.map((pid) => peakMb(pid).toFixed(0)).join(", ")} MB`);
  await pause(5000);
  const before = pids.map(processorSeconds);
  await pause(Number(flags.idle) * 1000);
  const idle = pids.map((pid, at) => processorSeconds(pid) - (before[at] ?? 0));
  const shares = idle.map((used) => ((used / Number(flags.idle)) * 100).toFixed(2));
  console.log(`idle: ${shares.join(", ")} % of a core`);
} finally {
  for (const worker of workers) worker.kill("SIGTERM");
  rmSync(work, { recursive: true, force: true });
}
