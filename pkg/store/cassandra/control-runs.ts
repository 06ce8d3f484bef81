import { Fault } from "#pkg/fault";
import type { NodeRecord, RunRecord, WorkflowEvent } from "#pkg/workflow";
import { canonicalJson } from "../canonical-json.ts";
import { documentHash } from "../content-hash.ts";
import type { ControlStore, NewEvent } from "../control.ts";
import type { Backend } from "./backend.ts";
import { incarnationOf } from "./control-keyspaces.ts";
import { RunPartitions, type RunPartition } from "./run-partition.ts";
import type { RunPlace } from "./statements/places.ts";
import type { RunRow } from "./statements/runs.ts";

type Runs = Pick<
  ControlStore,
  "insertRun" | "run" | "runWithNodes" | "runs" | "updateRun" | "events" | "nodes" | "updateNode"
>;

interface ActiveRuns {
  /** The running runs of live keyspaces. */
  activeRuns(): Promise<readonly RunPlace[]>;
}

const RUNS_AT_ONCE = 16;
const KEPT_KEYSPACES = 1000;

/** Runs are numbered without gaps, so listing them means asking for the number after the last one known. */
class RunNumbers {
  readonly #partitions: RunPartitions;
  readonly #known = new Map<string, number>();

  constructor(partitions: RunPartitions) {
    this.#partitions = partitions;
  }

  async list(incarnation: string): Promise<readonly RunRecord[]> {
    const found: RunRecord[] = [];
    for (;;) {
      const last = Math.min(
        Math.max(this.#known.get(incarnation) ?? 0, found.length) + 1,
        found.length + RUNS_AT_ONCE,
      );
      const asked: Promise<RunPartition | undefined>[] = [];
      for (let run = found.length + 1; run <= last; run += 1)
        asked.push(this.#partitions.load({ incarnation, run }));
      const some = (await Promise.all(asked)).flatMap((partition) => partition?.run ?? []);
      found.push(...some);
      if (some.length < asked.length) break;
    }
    if (this.#known.size >= KEPT_KEYSPACES) this.#known.clear();
    this.#known.set(incarnation, found.length);
    return found;
  }
}

/** A run, its nodes and its events are one partition: a transition and its event are one conditional write. */
export function controlRuns(backend: Backend): Runs & ActiveRuns {
  const { cql, statements } = backend;
  const partitions = new RunPartitions(backend);
  const numbers = new RunNumbers(partitions);
  return {
    insertRun: (record) => insertRun(backend, partitions, record),

    run: async (incarnation, run) => (await partitions.load({ incarnation, run }))?.run,

    runWithNodes: (incarnation, run) => partitions.load({ incarnation, run }),

    runs: (incarnation) => numbers.list(incarnation),

    async updateRun(next, event) {
      const row = { kind: "run", name: "", number: 0, version: next.version } as const;
      const wanted = { next, event, row: { ...row, record: canonicalJson(next) } };
      const isDone = await change(backend, partitions, wanted, ({ run }) => run);
      if (isDone && next.state !== "running") await cql.write(statements.removeActive(next));
      return isDone;
    },

    activeRuns: () => activeRuns(backend, partitions),

    nodes: async (incarnation, run) => (await partitions.load({ incarnation, run }))?.nodes ?? [],

    updateNode: (next, event) => {
      const row = { kind: "node", name: next.node, number: 0, version: next.version } as const;
      const wanted = { next, event, row: { ...row, record: canonicalJson(next) } };
      return change(backend, partitions, wanted, ({ closed, nodes }) =>
        closed ? undefined : nodes.find(({ node }) => node === next.node),
      );
    },

    events: async (incarnation, run, after) =>
      (await cql.rows(statements.events({ incarnation, run }, after))).map(
        (row) => JSON.parse(row["record"] as string) as WorkflowEvent,
      ),
  };
}

async function activeRuns(
  backend: Backend,
  partitions: RunPartitions,
): Promise<readonly RunPlace[]> {
  const { cql, statements } = backend;
  const active: RunPlace[] = [];
  for (const row of await cql.rows(statements.active())) {
    const place = { incarnation: row["incarnation"] as string, run: row["run"] as number };
    const partition = await partitions.load(place);
    const state = (await incarnationOf(backend, place.incarnation))?.state;
    // A run that is not there yet may be on its way.
    const isOver =
      state === undefined || (partition !== undefined && partition.run.state !== "running");
    if (isOver) await cql.write(statements.removeActive(place));
    else if (state === "live" && partition !== undefined) active.push(place);
  }
  return active;
}

async function insertRun(
  backend: Backend,
  partitions: RunPartitions,
  record: RunRecord,
): Promise<boolean> {
  const { cql, statements } = backend;
  const { incarnation, run } = record;
  await checkLive(backend, record);
  const isFirst = run === 1;
  if (run < 1 || !(isFirst || (await partitions.load({ incarnation, run: run - 1 })))) return false;
  const text = canonicalJson(record);
  const inserted = documentHash(text);
  // Before the run: a list of active runs may name too many, never too few.
  await cql.write(statements.enterActive(record));
  const answer = await cql.conditional(statements.insertRun(record, inserted, text));
  const isOwn = answer.applied || answer.row?.["inserted"] === inserted;
  // A keyspace that began to go away meanwhile has closed its runs or will never show this one.
  await checkLive(backend, record);
  return isOwn;
}

async function checkLive(
  backend: Backend,
  { incarnation, keyspace }: Pick<RunRecord, "incarnation" | "keyspace">,
): Promise<void> {
  const state = (await incarnationOf(backend, incarnation))?.state;
  if (state === "live") return;
  const facts = { keyspace, incarnation };
  throw state === "dropping"
    ? new Fault("KEYSPACE_DROPPING", `keyspace ${keyspace} is being dropped`, { facts })
    : new Fault("KEYSPACE_MISSING", `keyspace ${keyspace} is gone`, { facts });
}

interface Wanted {
  readonly next: RunRecord | NodeRecord;
  readonly event: NewEvent | undefined;
  readonly row: RunRow;
}

/**
 * Writes the row and its event if the stored version is the one before. What a copy says decides nothing but what to send: a
 * transition of anybody else in the partition makes the write refused, and everything is looked at again.
 */
async function change(
  backend: Backend,
  partitions: RunPartitions,
  wanted: Wanted,
  storedOf: (partition: RunPartition) => { readonly version: number } | undefined,
): Promise<boolean> {
  const { next, row } = wanted;
  let partition = await partitions.load(next);
  for (let isSettled = false; ; isSettled = true) {
    const stored = partition === undefined ? undefined : storedOf(partition);
    if (stored?.version === next.version && canonicalJson(stored) === row.record) return true;
    if (partition !== undefined && stored?.version === next.version - 1) {
      if (await write(backend, partition, wanted)) {
        partitions.changed(next, after(partition, wanted));
        return true;
      }
    } else if (isSettled) return false;
    partition = await partitions.settled(next);
  }
}

/** The partition as the transition leaves it. */
const after = (partition: RunPartition, { next, event }: Wanted): RunPartition => ({
  ...partition,
  changes: partition.changes + 1,
  events: partition.events + (event === undefined ? 0 : 1),
  ...("node" in next
    ? { nodes: partition.nodes.map((node) => (node.node === next.node ? next : node)) }
    : { run: next }),
});

/** False: something else has changed in the partition. */
async function write(
  { cql, statements }: Backend,
  { changes, events }: RunPartition,
  { next, event, row }: Wanted,
): Promise<boolean> {
  const number = event === undefined ? events : events + 1;
  const count = row.kind === "node" ? statements.countNodeChange : statements.countChange;
  const rows = event === undefined ? [row] : [row, eventRow(event, number)];
  const all = [
    count(next, changes, number),
    ...rows.map((each) => statements.putRunRow(next, each)),
  ];
  return (await cql.conditionalBatch(all, `move a ${row.kind}`)).applied;
}

const eventRow = (event: NewEvent, number: number): RunRow => ({
  kind: "event",
  name: "",
  number,
  version: 0,
  record: canonicalJson({ ...event, number }),
});
