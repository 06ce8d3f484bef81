import type { Client, Host } from "cassandra-driver";
import { meaningOf, type Meaning } from "./classify-error.ts";

/** What one node knows of the version of its own schema and of those of the others. */
export interface SchemaView {
  readonly own: string;
  readonly others: readonly { readonly address: string; readonly version: string | undefined }[];
}

/** A node that is down hears of the schema when it comes back; nobody waits for it. */
export const isAgreed = (
  { own, others }: SchemaView,
  isDown: (address: string) => boolean,
): boolean =>
  others.every(
    ({ address, version }) => version === undefined || version === own || isDown(address),
  );

/** Nodes that can be asked: the driver talks to those of its data centre only. */
export interface Ring {
  readonly client: Pick<Client, "hosts" | "execute">;
  readonly port: number;
  readonly dataCenter: string;
}

const nodesUp = ({ client, dataCenter }: Ring): readonly Host[] =>
  client.hosts.values().filter((host) => host.isUp() && host.datacenter === dataCenter);

/**
 * Whether all nodes, or all that are up, have the same schema. The driver has such a question too, but it counts nodes that are down, of
 * which the others keep the last version they heard: with one node away it never says yes.
 */
export async function agreesOnSchema(ring: Ring, withoutThoseDown: boolean): Promise<boolean> {
  const hosts = ring.client.hosts.values();
  const down = new Set(hosts.filter((host) => !host.isUp()).map(({ address }) => address));
  for (const host of nodesUp(ring))
    try {
      const view = await schemaViewOf(ring, host);
      return isAgreed(view, (address) => withoutThoseDown && down.has(address));
    } catch {
      continue; // it has just gone, or is not connected yet: the next one is asked
    }
  return false;
}

async function schemaViewOf({ client, port }: Ring, host: Host): Promise<SchemaView> {
  const ask = async (query: string) => (await client.execute(query, [], { host })).rows;
  const [local] = await ask("SELECT schema_version FROM system.local");
  const peers = await ask("SELECT peer, rpc_address, schema_version FROM system.peers");
  return {
    own: String(local?.["schema_version"]),
    others: peers.map((row) => ({
      address: `${String(row["rpc_address"] ?? row["peer"])}:${port}`,
      version: row["schema_version"] ? String(row["schema_version"]) : undefined,
    })),
  };
}

/**
 * Whether any node of the data centre that is up has the keyspace: right after a node came back its own answer may be an old one. A
 * node that does not answer may have it.
 */
export async function isKnownSomewhere(ring: Ring, keyspace: string): Promise<boolean> {
  const query = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
  const nodes = nodesUp(ring);
  const known = nodes.map((host) =>
    ring.client.execute(query, [keyspace], { host, prepare: true }).then(
      ({ rows }) => rows.length > 0,
      () => true,
    ),
  );
  return nodes.length === 0 || (await Promise.all(known)).includes(true);
}

/**
 * Whether every node of the data centre that is up has opened these tables. A node tells that it has the schema before it has; until
 * then it answers writes as done and forgets them ("Attempting to mutate non-existant table" in its log).
 *
 * A node that refuses the question counts as if it had: it has no such view (a database that only speaks as Cassandra does) or tells
 * it nobody without more rights, and would refuse for ever. One that does not answer, or is not connected yet, counts as if it had not:
 * it may be taking writes from others at this moment. It is asked again until it answers or the driver takes it for down, seconds after
 * it has lost its connections.
 */
export async function areServed(
  ring: Ring,
  keyspace: string,
  tables: readonly string[],
): Promise<boolean> {
  const nodes = nodesUp(ring);
  const served = nodes.map((host) =>
    openTables(ring, host, [keyspace, tables]).then(
      (open) => open === tables.length,
      (error: unknown) => REFUSALS.has(meaningOf(error)),
    ),
  );
  return nodes.length > 0 && !(await Promise.all(served)).includes(false);
}

/** A virtual table made from the open tables of the node that is asked; named one by one, so that it does not list all it has. */
const OPEN_TABLES =
  "SELECT table_name FROM system_views.disk_usage WHERE keyspace_name = ? AND table_name IN ?";

const openTables = async (
  { client }: Ring,
  host: Host,
  parameters: readonly unknown[],
): Promise<number> =>
  (await client.execute(OPEN_TABLES, parameters, { host, prepare: true })).rows.length;

/** "unheard" is said of the view itself here. */
const REFUSALS: ReadonlySet<Meaning> = new Set(["refused", "credentials", "unheard"]);
