import { Fault } from "#pkg/fault";
import type { ControlStore, KeyspaceRecord } from "../control.ts";
import type { Backend } from "./backend.ts";
import { closeRuns, forgetIncarnation } from "./control-drop.ts";
import type { Schema } from "./create-schema.ts";
import { physicalName } from "./schema.ts";
import type { Row } from "./statement.ts";

type Keyspaces = Pick<
  ControlStore,
  "openKeyspace" | "keyspace" | "keyspaces" | "beginDrop" | "endDrop"
>;

export interface Incarnation {
  readonly name: string;
  /** Name of its keyspace in Cassandra. */
  readonly physical: string;
  readonly state: "live" | "dropping";
}

export async function incarnationOf(
  { cql, statements }: Backend,
  incarnation: string,
): Promise<Incarnation | undefined> {
  return (await cql.row(statements.incarnation(incarnation))) as Incarnation | undefined;
}

const LIVE_FOR_MS = 1000;
const KEPT = 1000;

/**
 * Whether units of an incarnation may be claimed and committed. A live one is believed to be live for a second more: what is
 * written after a drop began is under an incarnation that nobody looks at any more, and its tables refuse it.
 */
export class Liveness {
  readonly #backend: Backend;
  readonly #seen = new Map<string, number>();
  /** Units that are claimed and committed side by side ask once. */
  readonly #asked = new Map<string, Promise<boolean>>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async isLive(incarnation: string): Promise<boolean> {
    const at = performance.now();
    if (at - (this.#seen.get(incarnation) ?? Number.NEGATIVE_INFINITY) < LIVE_FOR_MS) return true;
    const asked = this.#asked.get(incarnation) ?? this.#ask(incarnation, at);
    this.#asked.set(incarnation, asked);
    try {
      return await asked;
    } finally {
      if (this.#asked.get(incarnation) === asked) this.#asked.delete(incarnation);
    }
  }

  async #ask(incarnation: string, at: number): Promise<boolean> {
    const isLive = (await incarnationOf(this.#backend, incarnation))?.state === "live";
    if (this.#seen.size >= KEPT) this.#seen.clear();
    if (isLive) this.#seen.set(incarnation, at);
    return isLive;
  }

  ended(incarnation: string): void {
    this.#seen.delete(incarnation);
    this.#asked.delete(incarnation);
  }
}

/** Names of keyspaces lead to incarnations; a keyspace is `creating` until its tables are there, and not shown before. */
export function controlKeyspaces(backend: Backend, schema: Schema, liveness: Liveness): Keyspaces {
  const { cql, statements } = backend;
  return {
    async openKeyspace(name, incarnation) {
      const row =
        (await cql.row(statements.keyspace(name))) ?? (await enter(backend, name, incarnation));
      const record = { name, incarnation: row["incarnation"] as string, state: "live" } as const;
      if (row["state"] === "creating") await finishCreation(backend, schema, row);
      if (row["state"] !== "dropping") return record;
      throw new Fault("KEYSPACE_DROPPING", `keyspace ${name} is being dropped`, {
        facts: { keyspace: name },
        retryable: true,
      });
    },

    keyspace: async (name) => recordOf(await cql.row(statements.keyspace(name))),

    keyspaces: async () =>
      (await cql.rows(statements.keyspaces()))
        .flatMap((row) => recordOf(row) ?? [])
        .sort((a, b) => (a.name < b.name ? -1 : 1)),

    async beginDrop(name, incarnation) {
      const move = statements.moveKeyspace(name, incarnation, { from: "live", to: "dropping" });
      liveness.ended(incarnation);
      const answer = await cql.conditional(move);
      // Refused, it may have been this very move before, its answer lost.
      if (answer.applied || isDropping(answer.row, incarnation))
        await closeRuns(backend, incarnation);
      return answer.applied;
    },

    async endDrop(name, incarnation) {
      const row = await cql.row(statements.keyspace(name));
      if (!isDropping(row, incarnation)) return;
      liveness.ended(incarnation);
      await closeRuns(backend, incarnation);
      await forgetIncarnation(backend, incarnation);
      await cql.conditional(statements.forgetKeyspace(name, incarnation));
    },
  };
}

const isDropping = (row: Row | undefined, incarnation: string): boolean =>
  row?.["incarnation"] === incarnation && row["state"] === "dropping";

/** The row of the name, whoever wrote it. */
async function enter(
  { cql, statements }: Backend,
  name: string,
  incarnation: string,
): Promise<Row> {
  const physical = physicalName(name, incarnation);
  const own = { name, incarnation, physical, state: "creating" };
  const answer = await cql.conditional(statements.enterKeyspace(name, incarnation, physical));
  return answer.applied ? own : (answer.row ?? own);
}

/** Every step may be done twice, so whoever finds a keyspace half made finishes it. */
async function finishCreation(backend: Backend, schema: Schema, row: Row): Promise<void> {
  const { cql, statements } = backend;
  const { name, incarnation, physical } = row as Readonly<
    Record<"name" | "incarnation" | "physical", string>
  >;
  await schema.createData(physical);
  await cql.conditional(statements.enterIncarnation(incarnation, name, physical));
  await cql.conditional(
    statements.moveKeyspace(name, incarnation, { from: "creating", to: "live" }),
  );
}

function recordOf(row: Row | undefined): KeyspaceRecord | undefined {
  if (row === undefined || row["state"] === "creating") return undefined;
  const { name, incarnation, state } = row as unknown as KeyspaceRecord;
  return { name, incarnation, state };
}
