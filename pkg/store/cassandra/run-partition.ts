import type { NodeRecord, RunRecord } from "#pkg/workflow";
import type { Backend } from "./backend.ts";
import type { Row } from "./statement.ts";
import type { RunPlace } from "./statements/places.ts";

/** Everything about a run but its events, as one partition holds it. */
export interface RunPartition {
  readonly changes: number;
  readonly events: number;
  readonly closed: boolean;
  /** Hash of the run as it was inserted: tells a repeated insert from another one. */
  readonly inserted: string;
  readonly run: RunRecord;
  /** In the order of run.affected; a node without a row has not moved yet. */
  readonly nodes: readonly NodeRecord[];
}

const KEPT = 200;

/**
 * Partitions of runs with a kept copy of each: transitions count in a static column, so one small read tells whether the
 * copy is still true. Looking for work asks for the same run again and again.
 */
export class RunPartitions {
  readonly #backend: Backend;
  readonly #kept = new Map<string, RunPartition>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(place: RunPlace): Promise<RunPartition | undefined> {
    const { cql, statements } = this.#backend;
    const kept = this.#kept.get(nameOf(place));
    if (kept === undefined) return this.#reload(place);
    const row = await cql.row(statements.changes(place));
    const isSame = row?.["changes"] === kept.changes && (row["closed"] === true) === kept.closed;
    return isSame ? kept : this.#reload(place);
  }

  /** What a transition of this process has made of the partition it was decided from. */
  changed(place: RunPlace, partition: RunPartition): void {
    this.#keep(nameOf(place), partition);
  }

  async #reload(place: RunPlace): Promise<RunPartition | undefined> {
    const { cql, statements } = this.#backend;
    const partition = partitionOf(place, await cql.rows(statements.runRows(place)));
    const name = nameOf(place);
    if (partition === undefined) this.#kept.delete(name);
    else this.#keep(name, partition);
    return partition;
  }

  /** Looks may overtake each other; what is known of later transitions stays. */
  #keep(name: string, partition: RunPartition): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.changes > partition.changes) return;
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(name, partition);
  }

  /** After conditional writes whose outcome others may not know: nothing hangs when this resolves. */
  async settled(place: RunPlace): Promise<RunPartition | undefined> {
    const { cql, statements } = this.#backend;
    await cql.serialRow(statements.settleRun(place));
    return this.#reload(place);
  }
}

const nameOf = ({ incarnation, run }: RunPlace): string => `${incarnation} ${run}`;

function partitionOf(place: RunPlace, rows: readonly Row[]): RunPartition | undefined {
  const own = rows.find((row) => row["kind"] === "run");
  if (own === undefined || own["record"] === null) return undefined;
  const run = JSON.parse(own["record"] as string) as RunRecord;
  const moved = new Map(
    rows
      .filter((row) => row["kind"] === "node")
      .map((row) => [row["name"] as string, JSON.parse(row["record"] as string) as NodeRecord]),
  );
  const nodes = run.affected.map(
    (node): NodeRecord => moved.get(node) ?? { ...place, node, version: 1, state: "none" },
  );
  return {
    changes: own["changes"] as number,
    events: own["events"] as number,
    closed: own["closed"] === true,
    inserted: own["inserted"] as string,
    run,
    nodes,
  };
}
