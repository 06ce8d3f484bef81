export { openCassandraStores, type CassandraStores, type OpenOptions } from "./open-stores.ts";
export type { ClusterLeftovers } from "./cluster-leftovers.ts";
export type { CassandraSettings } from "./settings.ts";
export type { Driver } from "./cql.ts";
