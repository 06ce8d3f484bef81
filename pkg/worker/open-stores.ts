import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CassandraSettings as Named, TlsSettings } from "#pkg/config";
import { Fault } from "#pkg/fault";
import type { ControlStore, TableStore } from "#pkg/store";
import type { CassandraSettings, ClusterLeftovers } from "#pkg/store/cassandra";
import type { StoreSettings } from "./thread-task.ts";

export interface OpenStores extends AsyncDisposable {
  readonly store: ControlStore;
  readonly tables: TableStore;
  /** Of a cluster. */
  readonly leftovers?: ClusterLeftovers;
}

/** The stores of a process that decides and records, made where they are missing. It loads the driver it needs and no other. */
export async function openStores(settings: StoreSettings): Promise<OpenStores> {
  if (settings.kind === "cassandra") {
    const { openCassandraStores } = await import("#pkg/store/cassandra");
    const stores = await openCassandraStores(settings.cassandra);
    const { control: store, tables, leftovers } = stores;
    return { store, tables, leftovers, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
  }
  const { openEmbeddedControl, openEmbeddedTables } = await import("#pkg/store/embedded");
  const { folder } = settings;
  const store = await openEmbeddedControl({ folder });
  const tables = await openEmbeddedTables({ folder });
  return {
    store,
    tables,
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The stores of a cluster as its settings name them; certificates are read here. Throws CONFIG_INVALID. */
export function clusterStores(named: Named): StoreSettings {
  const { hosts, port, username, password, replication, controlKeyspace, tls } = named;
  const cassandra: CassandraSettings = {
    hosts,
    localDataCenter: named.localDataCenter ?? dataCenterOf(replication),
    consistency: named.consistency === "QUORUM" ? "global" : "local",
    ...given({ port, username, password, replication, controlKeyspace }),
    ...(tls === undefined ? {} : { tls: pemTexts(tls) }),
  };
  return { kind: "cassandra", cassandra };
}

const DEFAULT_DATA_CENTER = "datacenter1";

/** The only data centre that the replication names; that of a fresh Cassandra otherwise. */
function dataCenterOf(replication: string | undefined): string {
  const pairs = [...(replication ?? "").matchAll(/'([^']+)'\s*:\s*'?\d+'?/g)];
  const names = pairs.map(([, name]) => name).filter((name) => name !== "replication_factor");
  return names.length === 1 ? (names[0] ?? DEFAULT_DATA_CENTER) : DEFAULT_DATA_CENTER;
}

const pemTexts = (tls: TlsSettings): NonNullable<CassandraSettings["tls"]> => ({
  ...given({
    ca: pem("ca_path", tls.authorityPath, "certificate"),
    cert: pem("cert_path", tls.certificatePath, "certificate"),
    key: pem("key_path", tls.keyPath, "key"),
    verify: tls.verifyHost,
  }),
});

const PARSERS = {
  certificate: (text: string) => new X509Certificate(text),
  key: (text: string) => createPrivateKey(text),
} as const;

/** Looks at the text too: the driver would report what is no certificate as a database that is away. */
function pem(
  setting: string,
  path: string | undefined,
  kind: keyof typeof PARSERS,
): string | undefined {
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path, "utf8");
    PARSERS[kind](text);
    return text;
  } catch (error) {
    const isUnread = (error as NodeJS.ErrnoException).syscall !== undefined;
    const problem = isUnread ? "which cannot be read" : `which holds no ${kind} in PEM`;
    const place = `the setting cassandra.ssl_opts.${setting} names ${path}`;
    throw new Fault("CONFIG_INVALID", `${place}, ${problem}`, { cause: error });
  }
}

type Given<Members> = { readonly [Name in keyof Members]?: NonNullable<Members[Name]> };

const given = <Members extends object>(members: Members): Given<Members> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Given<Members>;
