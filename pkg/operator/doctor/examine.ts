import type { Control } from "#pkg/control";
import type { KeyspaceRecord, NodePlace } from "#pkg/store";
import type { RunRecord } from "#pkg/workflow";
import type { OperatorPorts } from "../ports.ts";
import { examineRun } from "./examine-run.ts";
import type { Finding } from "./finding.ts";

/** Incarnation → run → nodes. */
export type KnownTables = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>;

/** What a data folder holds beside its stores; a cluster has none. */
export interface Leftovers<Leftover extends { readonly kind: string; readonly path: string }> {
  list(known: () => Promise<KnownTables>): Promise<readonly Leftover[]>;
  remove(leftover: Leftover): Promise<void>;
  tokens(keyspace: string, node: NodePlace): Promise<ReadonlySet<string>>;
}

type FolderLeftover = {
  readonly kind: "trash" | "lost" | "orphan";
  readonly path: string;
};

export interface DoctorPorts extends OperatorPorts {
  readonly control: Pick<Control, "drop" | "sweep">;
  readonly isSessionDead: (session: string) => boolean | Promise<boolean>;
  /** The own session, which is no inconsistency. */
  readonly session: string;
  readonly leftovers?: Leftovers<FolderLeftover>;
}

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
  for (const keyspace of await ports.store.keyspaces()) {
    if (keyspace.state === "dropping") yield droppingKeyspace(ports, keyspace);
    else
      for (const run of await ports.store.runs(keyspace.incarnation)) {
        yield* unattended(ports, run);
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
  for (const session of run.executors) if (!(await ports.isSessionDead(session))) return;
  yield {
    kind: "unfinished_run",
    place: `run ${run.run} of ${run.keyspace}`,
    message: `run ${run.run} of keyspace "${run.keyspace}" has not ended and no process works on it`,
    repair: `continue it: capitoolbelt resume --keyspace ${run.keyspace} --run ${run.run}`,
  };
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
