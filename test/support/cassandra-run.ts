import { randomUUID } from "node:crypto";
import { createControl, createSession, type SessionSettings } from "#pkg/control";
import { silentLog } from "#pkg/log";
import { reportRun, startRun, type RunReport } from "#pkg/operator";
import { pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import {
  openCassandraStores,
  type CassandraSettings,
  type CassandraStores,
  type OpenOptions,
} from "#pkg/store/cassandra";
import { openFiles } from "#pkg/transfer";
import { openPool, workOnRun, type WorkEnd, type WorkWatch } from "#pkg/worker";
import type { RunConstants } from "#pkg/workflow";
import { CONSTANTS } from "../../pkg/engine/test-support/run-constants.ts";
import type { CassandraAddress } from "../../scripts/services/cassandra.ts";
import { replicationOf } from "./services.ts";

/** Settings of an installation of its own in a cluster of tests. */
export const settingsFor = (
  address: CassandraAddress,
  controlKeyspace = `test_${randomUUID().replaceAll("-", "")}`,
): CassandraSettings => ({
  hosts: address.contactPoints,
  port: address.port,
  localDataCenter: address.localDataCenter,
  controlKeyspace,
  replication: replicationOf(address),
});

export interface ClusterRun {
  readonly keyspace: string;
  readonly script: string;
  /** File of parameters. */
  readonly parameters?: string;
  readonly threads?: number;
  readonly memoryMb?: number;
  readonly constants?: Partial<RunConstants>;
  readonly tick?: WorkWatch["tick"];
  readonly open?: OpenOptions;
  readonly session?: Partial<SessionSettings>;
}

export interface ClusterRunEnd {
  readonly end: WorkEnd;
  readonly report: RunReport;
  /** From the start of the run to its end, stores and threads already open or not yet needed. */
  readonly seconds: number;
}

/** One worker in this process executes one run on a cluster to its end; `look` sees the stores before they are closed. */
export async function runOnCassandra(
  settings: CassandraSettings,
  run: ClusterRun,
  look: (stores: CassandraStores, report: RunReport) => Promise<void> = async () => undefined,
): Promise<ClusterRunEnd> {
  await using stores = await openCassandraStores(settings, run.open);
  const { control: store, tables } = stores;
  const monotonic = (): number => performance.now();
  const ports = { store, tables, files: openFiles(everything), now: Date.now, newId: randomUUID };
  await using session = await createSession({
    store,
    identity: { session: randomUUID(), host: "here", pid: 1, processStart: "1", bootId: "b" },
    monotonic,
    isProcessAlive: () => true,
    ...(run.session === undefined ? {} : { settings: run.session }),
  });
  const control = createControl({
    ...ports,
    session: session.id,
    monotonic,
    newToken: () => randomUUID().replaceAll("-", ""),
    isSessionDead: (other) => session.isDead(other),
    holdsLease: () => session.holdsLease(),
  });
  const { threads: count = 2, memoryMb = 512 } = run;
  await using threads = openPool({
    store: { kind: "cassandra", cassandra: settings },
    threads: count,
    memory: Math.floor((memoryMb << 20) / count),
    policy: everything,
    processors: () => ({ python: pythonSettings({}, process.env) }),
  });
  const began = performance.now();
  const { record } = await startRun(ports, {
    keyspace: run.keyspace,
    scriptUrl: run.script,
    parametersUrl: run.parameters ?? "",
    overrides: {},
    constants: { ...CONSTANTS, ...run.constants },
    executors: [session.id],
    description: "",
    startedBy: "test",
    absolute: (url) => url,
  });
  const deps = { store, control, threads, log: silentLog, monotonic, threadsFor: () => count };
  const watch = { tick: run.tick ?? (() => undefined) };
  const end = await workOnRun(deps, record, watch, new AbortController().signal);
  const seconds = (performance.now() - began) / 1000;
  const latest = (await store.run(record.incarnation, record.run)) ?? record;
  const report = await reportRun(store, latest, Date.now());
  await look(stores, report);
  return { end, report, seconds };
}
