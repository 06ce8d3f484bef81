import { auth, Client, policies, types, type ClientOptions } from "cassandra-driver";
import { asFault, Fault } from "#pkg/fault";
import { meaningOf } from "./classify-error.ts";
import type { CassandraSettings } from "./settings.ts";

const CONNECT_MS = 4000;
const READ_MS = 12_000;
/** For all hosts together: one that is reached may never answer, and who waits is told within ten seconds. */
const ANSWER_MS = 8000;

/**
 * The server stamps what is written: clocks of workers must not decide which of two writes is the later one. The driver takes
 * null for that; its types do not say so.
 */
const serverTimestamps = null as unknown as policies.timestampGeneration.TimestampGenerator;

/** Repeating is decided in one place, see Cql. */
class NoRetry extends policies.retry.RetryPolicy {
  override onRequestError(): policies.retry.DecisionInfo {
    return this.rethrowResult();
  }
  override onUnavailable(): policies.retry.DecisionInfo {
    return this.rethrowResult();
  }
  override onReadTimeout(): policies.retry.DecisionInfo {
    return this.rethrowResult();
  }
  override onWriteTimeout(): policies.retry.DecisionInfo {
    return this.rethrowResult();
  }
}

export const DEFAULT_PORT = 9042;

/** Connected; one sentence says what is wrong with the address, the credentials or the data centre. */
export async function connect(settings: CassandraSettings, answerMs = ANSWER_MS): Promise<Client> {
  const client = new Client(clientOptions(settings));
  client.on("log", () => undefined);
  const connected = client.connect();
  try {
    await answered(connected, answerMs);
    return client;
  } catch (error) {
    // Not awaited, and not before: a driver that is still connecting takes no end, and would keep what it comes to have.
    const end = (): Promise<void> => client.shutdown();
    void connected.then(end, end).catch(() => undefined);
    throw connectFault(error, settings);
  }
}

/** Rejects when there is no answer in time; what comes later is nobody's. */
async function answered(connected: Promise<void>, answerMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = new Error(`nobody has answered for ${answerMs / 1000} s`);
    timer = setTimeout(() => reject(reason), answerMs);
  });
  try {
    await Promise.race([connected, late]);
  } finally {
    clearTimeout(timer);
  }
}

function clientOptions(settings: CassandraSettings): ClientOptions {
  const { hosts, localDataCenter, username, password, port = DEFAULT_PORT } = settings;
  return {
    contactPoints: [...hosts],
    localDataCenter,
    // Not by the driver, which would wait for nodes that are down; see agreesOnSchema.
    protocolOptions: { port, maxSchemaAgreementWaitSeconds: 0 },
    socketOptions: { connectTimeout: CONNECT_MS, readTimeout: READ_MS },
    pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 }, warmup: false },
    policies: {
      timestampGeneration: serverTimestamps,
      retry: new NoRetry(),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(200, 2000),
    },
    ...(username === undefined
      ? {}
      : { authProvider: new auth.PlainTextAuthProvider(username, password ?? "") }),
    ...(settings.tls === undefined ? {} : { sslOptions: tlsOptions(settings.tls) }),
  };
}

function tlsOptions(
  tls: NonNullable<CassandraSettings["tls"]>,
): NonNullable<ClientOptions["sslOptions"]> {
  const { ca, cert, key, verify = true, serverName } = tls;
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** A server that speaks TLS only ends a connection that begins otherwise. */
const CUT = "ECONNRESET";
const TLS_HINT =
  "Somebody answers there and ends the connection: if the database wants TLS, name its authority with ssl_opts.ca_path (CAPI_CASSANDRA_CA_PATH).";

function connectFault(error: unknown, settings: CassandraSettings): Fault {
  const { hosts, port = DEFAULT_PORT, localDataCenter, username } = settings;
  const place = hosts.join(", ");
  const facts = { hosts, port, localDataCenter };
  const inner = Object.values(
    (error as { innerErrors?: Record<string, unknown> }).innerErrors ?? {},
  )[0];
  const why = asFault(inner ?? error).message;
  if (meaningOf(error) === "credentials")
    return new Fault(
      "CLUSTER_REFUSED",
      `Cassandra at ${place} refused the user "${username ?? ""}"`,
      {
        cause: error,
        facts,
        hint: "Correct username and password of the Cassandra settings, or the rights of that user.",
      },
    );
  if ([error, inner].some((each) => each instanceof Error && each.name === "ArgumentError"))
    return new Fault(
      "CLUSTER_REFUSED",
      `no node of Cassandra at ${place} is in the data centre "${localDataCenter}": ${why}`,
      {
        cause: error,
        facts,
        hint: "Set local_data_center to the data centre of this process.",
      },
    );
  const isPlain = settings.tls === undefined && (inner as { code?: unknown })?.code === CUT;
  return new Fault(
    "CLUSTER_UNAVAILABLE",
    `Cassandra cannot be reached at ${place}, port ${port}: ${why}`,
    {
      cause: error,
      retryable: true,
      facts,
      ...(isPlain ? { hint: TLS_HINT } : {}),
    },
  );
}
