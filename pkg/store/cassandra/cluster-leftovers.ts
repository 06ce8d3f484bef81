import type { Cql } from "./cql.ts";
import type { Schema } from "./create-schema.ts";
import { dropKeyspace, tableId } from "./schema.ts";
import { quoted, statement, type Row } from "./statement.ts";

/** What an installation and its database do not agree about. */
export interface ClusterLeftover {
  /** data: tables that no installation of this database knows; record: a keyspace whose tables are gone. */
  readonly kind: "data" | "record";
  /** data: the keyspace in the database; record: the keyspace of the installation. */
  readonly name: string;
}

export interface ClusterLeftovers {
  list(): Promise<readonly ClusterLeftover[]>;
  /** Only of kind `data`. */
  remove(leftover: ClusterLeftover): Promise<void>;
}

interface KnownKeyspace {
  readonly name: string;
  readonly physical: string;
  readonly state: string;
}

/**
 * Keyspaces of ours are told from others by the ids of their tables, which follow from the name. Several installations may share a
 * database, so what any of them has entered is nobody's leftover; an entry comes before the tables are made.
 */
export function openClusterLeftovers(
  cql: Cql,
  schema: Schema,
  controlKeyspace: string,
): ClusterLeftovers {
  return {
    async list() {
      const before = await ownTables(cql);
      const data = before.filter(({ table }) => table === "piece").map(({ keyspace }) => keyspace);
      const controls = before.filter(({ table }) => table === "keyspace");
      const entered = new Set<string>();
      let own: readonly KnownKeyspace[] = [];
      for (const { keyspace } of controls) {
        const known = await keyspacesOf(cql, keyspace);
        for (const { physical } of known) entered.add(physical);
        if (keyspace === controlKeyspace) own = known;
      }
      const present = new Set((await ownTables(cql)).map(({ keyspace }) => keyspace));
      return [
        ...data
          .filter((keyspace) => !entered.has(keyspace))
          .map((name) => ({ kind: "data", name }) as const),
        ...own
          .filter(({ state, physical }) => state === "live" && !present.has(physical))
          .map(({ name }) => ({ kind: "record", name }) as const),
      ];
    },

    remove: ({ name }) => schema.run(dropKeyspace(name)),
  };
}

interface OwnTable {
  readonly keyspace: string;
  readonly table: string;
}

async function ownTables(cql: Cql): Promise<readonly OwnTable[]> {
  const rows = await cql.rows(
    statement("list all tables", "SELECT keyspace_name, table_name, id FROM system_schema.tables"),
  );
  return rows
    .map((row) => ({
      keyspace: row["keyspace_name"] as string,
      table: row["table_name"] as string,
      id: String(row["id"]),
    }))
    .filter(({ keyspace, table, id }) => id === tableId(keyspace, table));
}

async function keyspacesOf(cql: Cql, control: string): Promise<readonly KnownKeyspace[]> {
  const rows: readonly Row[] = await cql.rows(
    statement("list keyspaces", `SELECT name, physical, state FROM ${quoted(control)}."keyspace"`),
  );
  return rows as unknown as readonly KnownKeyspace[];
}
