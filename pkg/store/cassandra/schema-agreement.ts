import type { Client, Host } from "cassandra-driver";

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

/**
 * Whether all nodes, or all that are up, have the same schema. The driver has such a question too, but it counts nodes that are down, of
 * which the others keep the last version they heard: with one node away it never says yes.
 */
export async function agreesOnSchema(
  client: Client,
  port: number,
  withoutThoseDown: boolean,
): Promise<boolean> {
  const hosts = client.hosts.values();
  const down = new Set(hosts.filter((host) => !host.isUp()).map(({ address }) => address));
  const host = hosts.find(({ address }) => !down.has(address));
  if (host === undefined) return false;
  const ask = async (query: string) => (await client.execute(query, [], { host })).rows;
  try {
    const [local] = await ask("SELECT schema_version FROM system.local");
    const peers = await ask("SELECT peer, rpc_address, schema_version FROM system.peers");
    const view: SchemaView = {
      own: String(local?.["schema_version"]),
      others: peers.map((row) => ({
        address: `${String(row["rpc_address"] ?? row["peer"])}:${port}`,
        version: row["schema_version"] ? String(row["schema_version"]) : undefined,
      })),
    };
    return isAgreed(view, (address) => withoutThoseDown && down.has(address));
  } catch {
    return false; // that node has just gone; another one is asked
  }
}

/**
 * Whether any node of the data centre that is up has the keyspace: right after a node came back its own answer may be an old one. A
 * node that does not answer may have it.
 */
export async function isKnownSomewhere(
  client: Client,
  keyspace: string,
  dataCenter: string,
): Promise<boolean> {
  const query = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
  const asked = client.hosts
    .values()
    .filter((host) => host.isUp() && host.datacenter === dataCenter)
    .map((host) => isFound(client, host, [query, keyspace]));
  return asked.length === 0 || (await Promise.all(asked)).includes(true);
}

/**
 * Whether every node that is up has opened these tables. A node tells that it has the schema before it has; until then it answers
 * writes as done and forgets them ("Attempting to mutate non-existant table" in its log).
 */
export async function areServed(
  client: Client,
  keyspace: string,
  tables: readonly string[],
): Promise<boolean> {
  // A virtual table made from the open tables of the node that is asked.
  const query =
    "SELECT table_name FROM system_views.disk_usage WHERE keyspace_name = ? AND table_name = ?";
  const asked = client.hosts
    .values()
    .filter((host) => host.isUp())
    .flatMap((host) => tables.map((table) => isFound(client, host, [query, keyspace, table])));
  return !(await Promise.all(asked)).includes(false);
}

/** Whether a node finds a row; true when it does not answer: it has just gone, is not connected yet, or may not be asked that. */
const isFound = (
  client: Client,
  host: Host,
  [query, ...parameters]: readonly [string, ...string[]],
): Promise<boolean> =>
  client.execute(query, parameters, { host, prepare: true }).then(
    ({ rows }) => rows.length > 0,
    () => true,
  );
