import { randomUUID } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "cassandra-driver";
import { onTestFinished } from "vitest";
import { cli, root, startCli, type Ended, type Started } from "./cli.ts";
import { temporaryFolder } from "./folders.ts";
import { replicationOf, serviceAddress } from "./services.ts";
import { until } from "./until.ts";

export interface WorkerOptions {
  readonly threads?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Worker {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly printed: () => string;
  /** Exit code, or null after a signal that it did not handle. */
  readonly ended: Promise<number | null>;
  /** Kills without warning and waits for the end. */
  kill(): Promise<void>;
  /** Asks it to end and waits; the exit code. */
  stop(): Promise<number | null>;
}

/** An installation of one test: its own control keyspace or data folder, its own queue. */
export interface Installation {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Starts a worker and waits until it serves; it is gone with the test. */
  worker(options?: WorkerOptions): Promise<Worker>;
  /** `capitoolbelt --cluster …`. */
  toolbelt(...args: readonly string[]): Promise<Ended>;
  start(...args: readonly string[]): Started;
}

const daemon = join(root, "dist", "daemon", "main.js");

/** Where runs and tables are: in Cassandra where one runs, otherwise in a folder that all workers share. */
function storeSettings(folder: string): NodeJS.ProcessEnv {
  const cassandra = serviceAddress("cassandra");
  if (cassandra === undefined) return { CAPI_DATA: join(folder, "data") };
  return {
    CAPI_CASSANDRA_HOSTS: cassandra.contactPoints.join(","),
    CAPI_CASSANDRA_PORT: String(cassandra.port),
    CAPI_CASSANDRA_LOCAL_DATA_CENTER: cassandra.localDataCenter,
    CAPI_CASSANDRA_KEYSPACE_REPLICATION_CONFIG: replicationOf(cassandra),
    CAPI_CASSANDRA_CONTROL_KEYSPACE: `t_${randomUUID().slice(0, 8)}`,
  };
}

/** With `brokerUrl` "" there is no broker; without it the one of the services, if any. */
export function installation(
  name: string,
  brokerUrl: string | undefined = serviceAddress("rabbit")?.url,
  more: NodeJS.ProcessEnv = {},
): Installation {
  const folder = temporaryFolder(name);
  mkdirSync(join(folder, "data"));
  const env: NodeJS.ProcessEnv = {
    ...storeSettings(folder),
    ...(brokerUrl === undefined || brokerUrl === ""
      ? {}
      : { CAPI_AMQP_URL: brokerUrl, CAPI_AMQP_QUEUE: `t.${randomUUID()}` }),
    ...more,
  };
  // Registered before all workers, so it comes after their end.
  onTestFinished(() => forget(env));
  const start = (...args: readonly string[]): Started => {
    const started = startCli(["--cluster", ...args], { cwd: folder, env });
    onTestFinished(async () => {
      started.child.kill("SIGKILL");
      await started.ended;
    });
    return started;
  };
  return {
    folder,
    env,
    worker: (options = {}) => startWorker(folder, env, options),
    toolbelt: (...args) => cli(["--cluster", ...args], { cwd: folder, env }),
    start,
  };
}

/** Takes the keyspaces of the installation from the database that all tests share: hundreds of tables would fill its memory. */
async function forget(env: NodeJS.ProcessEnv): Promise<void> {
  const control = env["CAPI_CASSANDRA_CONTROL_KEYSPACE"];
  const shared = serviceAddress("cassandra");
  if (control === undefined || shared === undefined) return;
  if (env["CAPI_CASSANDRA_PORT"] !== String(shared.port)) return;
  const client = new Client({
    contactPoints: [...shared.contactPoints],
    localDataCenter: shared.localDataCenter,
    protocolOptions: { port: shared.port },
    socketOptions: { readTimeout: 60_000 },
  });
  try {
    const known = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?";
    const { rows: tables } = await client.execute(known, [control], { prepare: true });
    if (!tables.some((row) => row["table_name"] === "keyspace")) return;
    const { rows } = await client.execute(`SELECT physical FROM ${control}."keyspace"`);
    for (const row of rows)
      await client.execute(`DROP KEYSPACE IF EXISTS "${String(row["physical"])}"`);
    await client.execute(`DROP KEYSPACE ${control}`);
  } finally {
    await client.shutdown();
  }
}

async function startWorker(
  folder: string,
  env: NodeJS.ProcessEnv,
  { threads = 1, env: more = {} }: WorkerOptions,
): Promise<Worker> {
  const worker = spawnWorker(folder, { ...env, CAPI_THREAD_POOL_SIZE: String(threads), ...more });
  onTestFinished(() => worker.kill());
  await until("the worker serves", () => {
    if (worker.child.exitCode !== null) throw new Error(`the worker ended: ${worker.printed()}`);
    return worker.printed().includes("worker serves") ? true : undefined;
  });
  return worker;
}

/** The program as it is, without waiting for anything. */
export function spawnWorker(folder: string, env: NodeJS.ProcessEnv): Worker {
  const child = spawn(process.execPath, [daemon], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    printed: () => text,
    ended,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
