import type { ControlStore } from "../control.ts";
import type { TableStore } from "../tables.ts";
import type { Backend } from "./backend.ts";
import { CassandraTables } from "./cassandra-tables.ts";
import { openClusterLeftovers, type ClusterLeftovers } from "./cluster-leftovers.ts";
import { connect, DEFAULT_PORT } from "./connect.ts";
import { controlDocuments } from "./control-documents.ts";
import { controlInstallation } from "./control-installation.ts";
import { controlKeyspaces, Liveness } from "./control-keyspaces.ts";
import { controlRuns } from "./control-runs.ts";
import { controlStatements } from "./control-statements.ts";
import { controlUnits } from "./control-units.ts";
import { openSchema } from "./create-schema.ts";
import { agreesOnSchema, areServed, isKnownSomewhere } from "./schema-agreement.ts";
import { Cql, type Driver } from "./cql.ts";
import {
  DEFAULT_CONTROL_KEYSPACE,
  DEFAULT_IN_FLIGHT,
  DEFAULT_PATIENCE_MS,
  DEFAULT_REPLICATION,
  type CassandraSettings,
} from "./settings.ts";

export interface CassandraStores extends AsyncDisposable {
  readonly control: ControlStore;
  readonly tables: TableStore;
  readonly leftovers: ClusterLeftovers;
}

export interface OpenOptions {
  /** False when somebody else has made the control keyspace, as for the engine threads of a process. */
  readonly create?: boolean;
  /** Stands between the stores and the driver; for tests. */
  readonly wrap?: (driver: Driver) => Driver;
}

/**
 * Both stores on one connection pool; closing either of them changes nothing, closing the whole ends the connections. Any
 * number of processes and threads may open the same installation. Throws CLUSTER_UNAVAILABLE or CLUSTER_REFUSED with what is
 * wrong.
 */
export async function openCassandraStores(
  settings: CassandraSettings,
  { create = true, wrap = (driver) => driver }: OpenOptions = {},
): Promise<CassandraStores> {
  const client = await connect(settings);
  try {
    const keyspace = settings.controlKeyspace ?? DEFAULT_CONTROL_KEYSPACE;
    const cql = new Cql(wrap(client as unknown as Driver), {
      consistency: settings.consistency ?? "local",
      patienceMs: settings.patienceMs ?? DEFAULT_PATIENCE_MS,
      inFlight: settings.inFlight ?? DEFAULT_IN_FLIGHT,
    });
    const { port = DEFAULT_PORT, localDataCenter: dataCenter } = settings;
    const ring = { client, port, dataCenter };
    const schema = openSchema(
      {
        isAgreed: (withoutThoseDown) => agreesOnSchema(ring, withoutThoseDown),
        haveKeyspace: (name) => isKnownSomewhere(ring, name),
        serve: (name, tables) => areServed(ring, name, tables),
      },
      cql,
      settings.replication ?? DEFAULT_REPLICATION,
    );
    if (create) await schema.createControl(keyspace);
    const backend: Backend = { cql, statements: controlStatements(keyspace) };
    const liveness = new Liveness(backend);
    return {
      control: {
        ...controlKeyspaces(backend, schema, liveness),
        ...controlDocuments(backend),
        ...controlRuns(backend),
        ...controlUnits(backend, liveness),
        ...controlInstallation(backend),
        [Symbol.asyncDispose]: async () => undefined,
      },
      tables: new CassandraTables(backend, schema),
      leftovers: openClusterLeftovers(cql, schema, keyspace),
      [Symbol.asyncDispose]: () => client.shutdown(),
    };
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}
