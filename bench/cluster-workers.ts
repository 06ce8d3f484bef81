import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { CassandraAddress } from "../scripts/services/cassandra.ts";
import type { RabbitAddress } from "../scripts/services/rabbit.ts";

/** Path of a built program. */
export const program = (name: "daemon" | "toolbelt"): string =>
  join(import.meta.dirname, "..", "dist", name, "main.js");

export interface ClusterWorkers extends Disposable {
  /** A folder of its own, removed in the end. */
  readonly work: string;
  /** What makes the programs use the services; an installation that nobody else has. */
  readonly env: NodeJS.ProcessEnv;
  readonly workers: readonly ChildProcess[];
}

/** capidaemon workers that serve, on the Cassandra and RabbitMQ of CAPI_TEST_SERVICES; disposing stops them. Needs a build. */
export async function startClusterWorkers(flags: {
  readonly workers: string;
  readonly threads: string;
}): Promise<ClusterWorkers> {
  const { cassandra, rabbit } = JSON.parse(process.env["CAPI_TEST_SERVICES"] ?? "{}") as {
    readonly cassandra?: CassandraAddress;
    readonly rabbit?: RabbitAddress;
  };
  if (cassandra === undefined || rabbit === undefined)
    throw new Error("CAPI_TEST_SERVICES is not set: npm run services prints its value");
  const id = randomUUID().slice(0, 8);
  const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
  const env = {
    CAPI_CASSANDRA_HOSTS: cassandra.contactPoints.join(","),
    CAPI_CASSANDRA_PORT: String(cassandra.port),
    CAPI_CASSANDRA_LOCAL_DATA_CENTER: cassandra.localDataCenter,
    CAPI_CASSANDRA_CONTROL_KEYSPACE: `bench_${id}`,
    CAPI_AMQP_URL: rabbit.url,
    CAPI_AMQP_QUEUE: `bench.${id}`,
    CAPI_THREAD_POOL_SIZE: flags.threads,
  };
  const workers = await Promise.all(
    Array.from({ length: Number(flags.workers) }, (_, number) =>
      startWorker(work, join(work, `worker-${number}.log`), env),
    ),
  );
  return {
    work,
    env,
    workers,
    [Symbol.dispose]() {
      for (const worker of workers) worker.kill("SIGTERM");
      rmSync(work, { recursive: true, force: true });
    },
  };
}

async function startWorker(
  cwd: string,
  log: string,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const output = openSync(log, "w");
  const worker = spawn(process.execPath, [program("daemon")], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  while (!readFileSync(log, "utf8").includes("worker serves")) {
    if (worker.exitCode !== null) throw new Error(readFileSync(log, "utf8"));
    await pause(50);
  }
  return worker;
}
