import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "#pkg/fault";
import type { Cql } from "./cql.ts";
import { controlTables, createKeyspace, dataTables } from "./schema.ts";
import { statement, type Statement } from "./statement.ts";
import { untilHeard } from "./until-heard.ts";

/** Makes keyspaces and their tables; any number of processes may do so at the same time. */
export interface Schema {
  createControl(keyspace: string): Promise<void>;
  createData(keyspace: string): Promise<void>;
  run(definition: Statement): Promise<void>;
  /** Whether any node that is up has it. */
  exists(keyspace: string): Promise<boolean>;
}

/** What is asked of the nodes one by one. */
export interface Nodes {
  /** All have the same schema, or all but those that are down, if they may be left out. */
  isAgreed(withoutThoseDown: boolean): Promise<boolean>;
  haveKeyspace(keyspace: string): Promise<boolean>;
}

const AGREEMENT_MS = 60_000;
const AGREEMENT_POLL_MS = 200;
/** A node that was only too busy to answer is back by then, and would refuse what it has not heard of. */
const DOWN_MS = 5000;

export function openSchema(nodes: Nodes, cql: Cql, replication: string): Schema {
  const run = async (definition: Statement): Promise<void> => {
    await cql.define(definition);
    // On a ring the nodes hear of it one after the other; using it before all have is refused by those that have not.
    const began = performance.now();
    const deadline = began + AGREEMENT_MS;
    while (!(await nodes.isAgreed(performance.now() - began > DOWN_MS))) {
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
  const create = async (keyspace: string, tables: readonly Statement[]): Promise<void> => {
    const missing = await missingTables(cql, keyspace, tables);
    if (missing.length === 0) return;
    await run(createKeyspace(keyspace, replication));
    // A node that was left out, taken for down, may be the one that is asked for a table.
    for (const table of missing) await untilHeard(() => run(table), isThere);
  };
  return {
    run,
    exists: (keyspace) => nodes.haveKeyspace(keyspace),
    createControl: (keyspace) => create(keyspace, controlTables(keyspace)),
    createData: (keyspace) => create(keyspace, dataTables(keyspace)),
  };
}

const isThere = async (): Promise<boolean> => true;

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
