import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "#pkg/fault";
import type { Cql } from "./cql.ts";
import { controlTables, createKeyspace, dataTables } from "./schema.ts";
import { statement, type Statement } from "./statement.ts";

/** Makes keyspaces and their tables; any number of processes may do so at the same time. */
export interface Schema {
  createControl(keyspace: string): Promise<void>;
  createData(keyspace: string): Promise<void>;
  run(definition: Statement): Promise<void>;
  exists(keyspace: string): Promise<boolean>;
}

const AGREEMENT_MS = 60_000;
const AGREEMENT_POLL_MS = 200;
/** A node that was only too busy to answer is back by then, and would refuse what it has not heard of. */
const DOWN_MS = 5000;
const UNHEARD_MS = 20_000;

/** `isAgreed`: all nodes have the same schema, or all but those that are down, if they may be left out. */
export function openSchema(
  isAgreed: (withoutThoseDown: boolean) => Promise<boolean>,
  cql: Cql,
  replication: string,
): Schema {
  const exists = async (keyspace: string): Promise<boolean> =>
    (await cql.row(keyspaceInSchema(keyspace))) !== undefined;
  const run = async (definition: Statement): Promise<void> => {
    await cql.define(definition);
    // On a ring the nodes hear of it one after the other; using it before all have is refused by those that have not.
    const began = performance.now();
    const deadline = began + AGREEMENT_MS;
    while (!(await isAgreed(performance.now() - began > DOWN_MS))) {
      if (performance.now() < deadline) {
        await pause(AGREEMENT_POLL_MS);
        continue;
      }
      throw new Fault(
        "CLUSTER_UNAVAILABLE",
        `the nodes of Cassandra do not agree about their schema (${definition.what})`,
        { retryable: true, facts: { what: definition.what } },
      );
    }
  };
  /** A node that was left out when the keyspace was made, taken for down, may be the one that is asked now. */
  const defineTable = async (table: Statement): Promise<void> => {
    const deadline = performance.now() + UNHEARD_MS;
    for (;;) {
      try {
        return await run(table);
      } catch (error) {
        if (!hasNotHeard(error) || performance.now() > deadline) throw error;
        await pause(AGREEMENT_POLL_MS);
      }
    }
  };
  const create = async (keyspace: string, tables: readonly Statement[]): Promise<void> => {
    const missing = await missingTables(cql, keyspace, tables);
    if (missing.length === 0) return;
    await run(createKeyspace(keyspace, replication));
    for (const table of missing) await defineTable(table);
  };
  return {
    run,
    exists,
    createControl: (keyspace) => create(keyspace, controlTables(keyspace)),
    createData: (keyspace) => create(keyspace, dataTables(keyspace)),
  };
}

const hasNotHeard = (error: unknown): boolean =>
  error instanceof Error && /keyspace .*(doesn't|does not) exist/i.test(error.message);

const keyspaceInSchema = (keyspace: string): Statement =>
  statement(
    "look for a keyspace",
    "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?",
    keyspace,
  );

/** What is there need not be defined again: on a ring every definition costs about a second. */
async function missingTables(
  cql: Cql,
  keyspace: string,
  tables: readonly Statement[],
): Promise<readonly Statement[]> {
  const rows = await cql.rows(
    statement(
      "list tables",
      "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?",
      keyspace,
    ),
  );
  const present = new Set(
    rows.map((row) => `create the table ${keyspace}.${String(row["table_name"])}`),
  );
  return tables.filter(({ what }) => !present.has(what));
}
