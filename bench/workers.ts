// npm run bench:workers [-- --size S|M] [--workers n] [--threads n] [--rounds n]: capidaemon workers and `capitoolbelt --cluster run`
// on the Cassandra and RabbitMQ of CAPI_TEST_SERVICES, beside the same job embedded; then what an idle worker costs. Needs a build.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { program, startClusterWorkers } from "./cluster-workers.ts";
import { generate, type Size } from "./generate.ts";
import { memoryOf } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    size: { type: "string", default: "M" },
    workers: { type: "string", default: "2" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    idle: { type: "string", default: "20" },
  },
});
const input = join(tmpdir(), `capillaries-bench-data-${flags.size}`);
if (!existsSync(input)) generate(flags.size as Size, input);
using cluster = await startClusterWorkers(flags);
const { work, env: shared, workers } = cluster;

/** Seconds of processor time so far. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds of the whole command. */
function job(name: string, flagsOfRun: readonly string[], env: NodeJS.ProcessEnv): number {
  const out = join(work, `out-${name}`);
  mkdirSync(out);
  const parameters = join(work, `${name}.json`);
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

const pids = workers.map(({ pid }) => pid ?? 0);
for (let round = 0; round < Number(flags.rounds); round += 1) {
  const embedded = job(`e${round}`, ["--data", join(work, `data-${round}`)], {});
  const clustered = job(`c${round}`, ["--cluster"], shared);
  console.log(
    `j1 ${flags.size}: embedded ${embedded.toFixed(2)} s, ${flags.workers} workers ${clustered.toFixed(2)} s, ${(clustered / embedded).toFixed(1)} times`,
  );
}
console.log(`workers: peak ${pids.map((pid) => memoryOf(pid).peakMb.toFixed(0)).join(", ")} MB`);
await pause(5000);
const before = pids.map(processorSeconds);
await pause(Number(flags.idle) * 1000);
const idle = pids.map((pid, at) => processorSeconds(pid) - (before[at] ?? 0));
const shares = idle.map((used) => ((used / Number(flags.idle)) * 100).toFixed(2));
console.log(`idle: ${shares.join(", ")} % of a core`);
