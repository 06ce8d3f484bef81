import type { FoundSettings } from "./read-settings.ts";

/** Where and how to reach the database; absent members are the adapter's defaults. */
export interface CassandraSettings {
  readonly hosts: readonly string[];
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly replication?: string;
  readonly consistency?: string;
  readonly localDataCenter?: string;
  readonly controlKeyspace?: string;
  readonly tls?: TlsSettings;
}

export interface TlsSettings {
  readonly certificatePath?: string;
  readonly keyPath?: string;
  readonly authorityPath?: string;
  readonly verifyHost?: boolean;
}

export interface BrokerSettings {
  readonly url: string;
  readonly queue: string;
  readonly authorityPath?: string;
}

/** What every program of an installation needs to know of it. */
export interface InstallationSettings {
  /** The file they came from, if any. */
  readonly file: string | undefined;
  readonly notes: readonly string[];
  /** Present for a cluster. */
  readonly cassandra?: CassandraSettings;
  /** Data folder of an embedded installation, when one is named. */
  readonly data?: string;
  /** Absent: workers find work in the store alone. */
  readonly broker?: BrokerSettings;
  readonly leaseSeconds?: number;
  readonly authoritiesFolder?: string;
  readonly privateKeys: Readonly<Record<string, string>>;
  /** By type of processor, as written. */
  readonly customProcessors: Readonly<Record<string, unknown>>;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

export type ToolbeltSettings = InstallationSettings;

export interface DaemonSettings extends InstallationSettings {
  readonly name?: string;
  readonly threads?: number;
  readonly memoryMb: number;
  readonly graceSeconds: number;
  readonly http?: { readonly host: string; readonly port: number };
  /** What runs may touch here; absent members allow everything. */
  readonly access: AccessSettings;
}

export interface AccessSettings {
  readonly readRoots?: readonly string[];
  readonly writeRoots?: readonly string[];
  readonly schemes?: readonly string[];
  readonly hosts?: readonly string[];
  readonly privateHosts?: readonly string[];
  readonly code?: boolean;
}

const DEFAULT_QUEUE = "capillaries.units";
const DEFAULT_MEMORY_MB = 512;
const DEFAULT_GRACE_SECONDS = 20;

export function toolbeltSettings(found: FoundSettings): ToolbeltSettings {
  return Object.freeze(installationOf(found));
}

export function daemonSettings(found: FoundSettings): DaemonSettings {
  const { values } = found;
  const port = (values.get("log.prometheus_exporter_port") ?? 0) as number;
  const host = (values.get("daemon.http_host") ?? "127.0.0.1") as string;
  return Object.freeze({
    ...installationOf(found),
    ...given({
      name: values.get("handler_executable_type"),
      threads: values.get("daemon.thread_pool_size") ?? values.get("thread_pool_size"),
    }),
    memoryMb: (values.get("daemon.memory_mb") ?? DEFAULT_MEMORY_MB) as number,
    graceSeconds: (values.get("daemon.grace_seconds") ?? DEFAULT_GRACE_SECONDS) as number,
    ...(port === 0 ? {} : { http: Object.freeze({ host, port }) }),
    access: accessOf(values),
  });
}

function accessOf(values: FoundSettings["values"]): AccessSettings {
  const of = (name: string): unknown => values.get(`daemon.access.${name}`);
  return Object.freeze(
    given({
      readRoots: of("read_roots"),
      writeRoots: of("write_roots"),
      schemes: of("schemes"),
      hosts: of("hosts"),
      privateHosts: of("private_hosts"),
      code: of("code"),
    }),
  );
}

function installationOf({ file, notes, values }: FoundSettings): InstallationSettings {
  const { cassandra, broker } = { cassandra: cassandraOf(values), broker: brokerOf(values) };
  return {
    file,
    notes,
    ...(cassandra === undefined ? {} : { cassandra }),
    ...(broker === undefined ? {} : { broker }),
    ...given({
      data: values.get("data"),
      leaseSeconds: values.get("lease_seconds"),
      authoritiesFolder: values.get("ca_path"),
    }),
    privateKeys: (values.get("private_keys") ?? {}) as Readonly<Record<string, string>>,
    customProcessors: (values.get("custom_processors") ?? {}) as Readonly<Record<string, unknown>>,
    logLevel: LEVELS[(values.get("log.level") ?? "info") as string] ?? "error",
  };
}

/** The reference's finer levels of failure are all errors. */
const LEVELS: Readonly<Record<string, InstallationSettings["logLevel"]>> = {
  debug: "debug",
  info: "info",
  warn: "warn",
};

function cassandraOf(values: FoundSettings["values"]): CassandraSettings | undefined {
  const hosts = (values.get("cassandra.hosts") ?? []) as readonly string[];
  if (hosts.length === 0) return undefined;
  const of = (name: string): unknown => values.get(`cassandra.${name}`);
  const tls = given({
    certificatePath: of("ssl_opts.cert_path"),
    keyPath: of("ssl_opts.key_path"),
    authorityPath: of("ssl_opts.ca_path"),
    verifyHost: of("ssl_opts.enable_host_verification"),
  });
  return Object.freeze({
    hosts,
    ...given({
      port: of("port"),
      username: of("username"),
      password: of("password"),
      replication: of("keyspace_replication_config"),
      consistency: of("consistency"),
      localDataCenter: of("local_data_center"),
      controlKeyspace: of("control_keyspace"),
    }),
    ...(Object.keys(tls).length > 0 ? { tls: Object.freeze(tls) } : {}),
  });
}

const WITHOUT_BROKER: ReadonlySet<unknown> = new Set(["none", "capimq"]);

function brokerOf(values: FoundSettings["values"]): BrokerSettings | undefined {
  const url = values.get("amqp.url") ?? values.get("amqp10.url");
  if (url === undefined || WITHOUT_BROKER.has(values.get("mq_type"))) return undefined;
  return Object.freeze({
    url: url as string,
    queue: (values.get("amqp.queue") ?? DEFAULT_QUEUE) as string,
    ...given({ authorityPath: values.get("amqp.ca_path") }),
  });
}

/** The members that have a value; their types were checked by the schema. */
const given = (members: Readonly<Record<string, unknown>>): Record<string, never> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Record<
    string,
    never
  >;
