import type { KeyspaceRecord, PhaseKey } from "#pkg/store";
import { isCounted, isFinalNode, type RunRecord } from "#pkg/workflow";
import { examineRun } from "./examine-run.ts";
import type { Finding } from "./finding.ts";
import type { DoctorPorts, FolderLeftover, KnownTables } from "./ports.ts";

/**
 * Every inconsistency of an installation. Looks only; it can be called beside working processes. With `reads`, also every chunk of
 * every table is read.
 */
export async function* examine(
  ports: DoctorPorts,
  { reads }: { readonly reads: boolean },
): AsyncGenerator<Finding> {
  yield* examineSessions(ports);
  yield* examineLeftovers(ports);
  yield* examineCluster(ports);
  for (const keyspace of await ports.store.keyspaces()) {
    if (keyspace.state === "dropping") yield droppingKeyspace(ports, keyspace);
    else
      for (const run of await ports.store.runs(keyspace.incarnation)) {
        yield* unattended(ports, run);
        yield* halfEnded(ports, run);
        yield* lostClaims(ports, run);
        yield* examineRun(ports, run, reads);
      }
  }
}

async function* examineSessions(ports: DoctorPorts): AsyncGenerator<Finding> {
  for (const { session, host, pid } of await ports.store.sessions())
    if (session !== ports.session && (await ports.isSessionDead(session)))
      yield {
        kind: "dead_session",
        place: session,
        message: `process ${pid} of ${host} is gone, its session record is still there`,
        repair: "remove the record; batches of the session may be taken over with it or without",
        fix: () => ports.store.removeSession(session),
      };
}

const droppingKeyspace = ({ control }: DoctorPorts, { name }: KeyspaceRecord): Finding => ({
  kind: "dropping_keyspace",
  place: name,
  message: `the drop of keyspace "${name}" was not finished`,
  repair: `finish it: capitoolbelt drop --keyspace ${name}`,
  fix: async () => {
    await control.drop(name);
  },
});

async function* unattended(ports: DoctorPorts, run: RunRecord): AsyncGenerator<Finding> {
  if (run.state !== "running") return;
  const anybody = (await ports.store.sessions()).map(({ session }) => session);
  const executors = run.executors.length > 0 ? run.executors : anybody;
  for (const session of executors)
    if (session !== ports.session && !(await ports.isSessionDead(session))) return;
  yield {
    kind: "unfinished_run",
    place: `run ${run.run} of ${run.keyspace}`,
    message: `run ${run.run} of keyspace "${run.keyspace}" has not ended and no process works on it`,
    repair: `continue it: capitoolbelt resume --keyspace ${run.keyspace} --run ${run.run}`,
  };
}

async function* examineCluster({ cluster }: DoctorPorts): AsyncGenerator<Finding> {
  if (cluster === undefined) return;
  for (const leftover of await cluster.list())
    if (leftover.kind === "data")
      yield {
        kind: "orphan_keyspace",
        place: leftover.name,
        message: `the database has tables in "${leftover.name}" that no installation knows`,
        repair: "drop them from the database",
        fix: () => cluster.remove(leftover),
      };
    else
      yield {
        kind: "lost_keyspace",
        place: leftover.name,
        message: `the database has lost the tables of keyspace "${leftover.name}"`,
        repair: `restore them, or forget the keyspace with its runs: capitoolbelt drop --keyspace ${leftover.name}`,
      };
}

/** Whoever ended the run died before its nodes were told. */
async function* halfEnded(ports: DoctorPorts, run: RunRecord): AsyncGenerator<Finding> {
  if (run.state === "running") return;
  const { incarnation, run: number, keyspace } = run;
  const nodes = await ports.store.nodes(incarnation, number);
  const open = nodes.filter(({ node, state }) => isCounted(run, node) && !isFinalNode(state));
  if (open.length > 0)
    yield {
      kind: "half_ended_run",
      place: `run ${number} of ${keyspace}`,
      message: `run ${number} of keyspace "${keyspace}" is ${run.state}, ${open.length} of its nodes are not`,
      repair: "end them",
      fix: async () => {
        await ports.control.advance(incarnation, number);
      },
    };
}

async function lostUnits(ports: DoctorPorts, phase: PhaseKey): Promise<number> {
  let lost = 0;
  for (const { record } of await ports.store.units(phase))
    if (record.state === "running" && (await ports.isSessionDead(record.session))) lost += 1;
  return lost;
}

/** Batches of processes that are gone, in a run for any worker; one takes them over when it looks for work. */
async function* lostClaims(ports: DoctorPorts, run: RunRecord): AsyncGenerator<Finding> {
  if (run.state !== "running" || run.executors.length > 0) return;
  for (const record of await ports.store.nodes(run.incarnation, run.run)) {
    const phase = record.plan?.phases[record.phase ?? 0];
    if (record.state !== "running" || phase === undefined) continue;
    const lost = await lostUnits(ports, { ...record, phase: phase.name });
    if (lost > 0)
      yield {
        kind: "lost_claims",
        place: `node ${record.node} of run ${run.run} of ${run.keyspace}`,
        message: `${lost} ${lost === 1 ? "batch is" : "batches are"} held by processes that are gone`,
        repair:
          "a worker that looks for work takes them over; nothing has to be done but to run one",
      };
  }
}

const LEFT = {
  trash: {
    kind: "trash",
    message: "what an interrupted drop has set aside is still there",
  },
  lost: {
    kind: "lost_folder",
    message: "what a power failure made useless was set aside",
  },
  orphan: {
    kind: "orphan_folder",
    message: "tables of a keyspace, run or node that does not exist",
  },
} as const satisfies Record<FolderLeftover["kind"], Pick<Finding, "kind" | "message">>;

async function* examineLeftovers(ports: DoctorPorts): AsyncGenerator<Finding> {
  const { leftovers } = ports;
  if (leftovers === undefined) return;
  for (const leftover of await leftovers.list(() => knownTables(ports)))
    yield {
      ...LEFT[leftover.kind],
      place: leftover.path,
      repair: "delete the folder",
      fix: () => leftovers.remove(leftover),
    };
}

async function knownTables({ store }: DoctorPorts): Promise<KnownTables> {
  const known = new Map<string, ReadonlyMap<number, ReadonlySet<string>>>();
  for (const { incarnation } of await store.keyspaces()) {
    const runs = new Map<number, ReadonlySet<string>>();
    for (const { run, affected } of await store.runs(incarnation)) runs.set(run, new Set(affected));
    known.set(incarnation, runs);
  }
  return known;
}
