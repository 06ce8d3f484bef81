/** How to reach a cluster and how to use it. Every process of an installation needs the same control keyspace and replication. */
export interface CassandraSettings {
  /** Host names or addresses, each with or without `:port`. */
  readonly hosts: readonly string[];
  /** For hosts without one; 9042 by default. */
  readonly port?: number;
  /** Name of the data centre that this process talks to. */
  readonly localDataCenter: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM texts; an empty record is TLS with the authorities of the system. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** False accepts any certificate. */
    readonly verify?: boolean;
    readonly serverName?: string;
  };
  /** Keyspace of the permanent records; `capillaries` by default. */
  readonly controlKeyspace?: string;
  /** CQL of a replication map, `{ 'class': 'NetworkTopologyStrategy', 'datacenter1': 3 }`; replication 1 by default. */
  readonly replication?: string;
  /** LOCAL: all workers of the installation are in one data centre (the default). */
  readonly consistency?: "local" | "global";
  /** How long a statement is tried again while the cluster does not answer; 60,000 by default. */
  readonly patienceMs?: number;
  /** Requests at once from one connection of this process; 64 by default. */
  readonly inFlight?: number;
}

export const DEFAULT_CONTROL_KEYSPACE = "capillaries";
export const DEFAULT_REPLICATION = "{ 'class': 'SimpleStrategy', 'replication_factor': 1 }";
export const DEFAULT_PATIENCE_MS = 60_000;
export const DEFAULT_IN_FLIGHT = 64;
