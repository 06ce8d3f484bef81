import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "#pkg/fault";
import type { Cql } from "./cql.ts";
import { controlTables, createKeyspace, dataTables, type Definition } from "./schema.ts";
import { servedMark } from "./served-mark.ts";
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
  /** All that are up take writes of these tables; see areServed for those that do not tell. */
  serve(keyspace: string, tables: readonly string[]): Promise<boolean>;
}

const AGREEMENT_MS = 60_000;
const AGREEMENT_POLL_MS = 200;
/** A node that was only too busy to answer is back by then, and would refuse what it has not heard of. */
const DOWN_MS = 5000;

export function openSchema(nodes: Nodes, cql: Cql, replication: string): Schema {
  const run = async (definition: Statement): Promise<void> => {
    await cql.define(definition);
    // On a ring the nodes hear of it one after the other; using it before all have is refused by those that have not.
    await until(definition.what, (ms) => nodes.isAgreed(ms > DOWN_MS));
  };
  const create = async (
    keyspace: string,
    tables: readonly Definition[],
    missing: readonly Definition[],
  ): Promise<void> => {
    if (missing.length > 0) await run(createKeyspace(keyspace, replication));
    // A node that was left out, taken for down, may be the one that is asked for a table.
    for (const table of missing) await untilHeard(() => run(table.statement), isThere);
    const names = tables.map(({ table }) => table);
    // Between hearing of a table and opening it a node acknowledges writes and drops them.
    await until(`open the tables of ${keyspace}`, () => nodes.serve(keyspace, names));
  };
  return {
    run,
    exists: (keyspace) => nodes.haveKeyspace(keyspace),
    async createControl(keyspace) {
      const tables = controlTables(keyspace);
      const missing = await missingTables(cql, keyspace, tables);
      const mark = servedMark(cql, keyspace, tables);
      // So every process but the first ones of an installation asks no node and waits for none.
      if (missing.length === 0 && (await mark.isSet())) return;
      await create(keyspace, tables, missing);
      await mark.set();
    },
    // Of a keyspace that is being created, so nobody knows yet that all nodes have opened its tables, whoever defined them.
    async createData(keyspace) {
      const tables = dataTables(keyspace);
      await create(keyspace, tables, await missingTables(cql, keyspace, tables));
    },
  };
}

/** `isDone` is told how long it has been asked. */
async function until(what: string, isDone: (ms: number) => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isDone(performance.now() - began))) {
    if (performance.now() - began > AGREEMENT_MS)
      throw new Fault(
        "CLUSTER_UNAVAILABLE",
        `the nodes of Cassandra do not agree about their schema (${what})`,
        { retryable: true, facts: { what } },
      );
    await pause(AGREEMENT_POLL_MS);
  }
}

const isThere = async (): Promise<boolean> => true;

/** What is there need not be defined again: on a ring every definition costs about a second. */
async function missingTables(
  cql: Cql,
  keyspace: string,
  tables: readonly Definition[],
): Promise<readonly Definition[]> {
  const rows = await cql.rows(
    statement(
      "list tables",
      "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?",
      keyspace,
    ),
  );
  const present = new Set(rows.map((row) => row["table_name"]));
  return tables.filter(({ table }) => !present.has(table));
}
