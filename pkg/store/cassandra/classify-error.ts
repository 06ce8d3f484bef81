import { Fault, isFault } from "#pkg/fault";

/** What an error of the driver means, by type and code; by its words only where one code stands for several things. */
export type Meaning =
  /** The statement may have been applied or not; the same statement may be sent again. */
  | "unknown"
  /** The cluster has no time or no quorum right now. */
  | "busy"
  /** It is already there; only creating answers this. */
  | "exists"
  /** The node that was asked knows no such keyspace or table: it is gone, or this node has not heard of it yet. */
  | "unheard"
  /** The server does not know the statement and preparing it anew failed: its table is gone, or the connection was lost. */
  | "unprepared"
  /** Who we are or what we may do. */
  | "credentials"
  /** Our statement or the settings are wrong. */
  | "refused"
  /** No node could be reached at all. */
  | "unreachable";

/** Codes of the protocol (section 9 of its specification). */
const BY_CODE: Readonly<Record<number, Meaning>> = {
  0x0000: "unknown", // server error
  0x000a: "refused", // protocol error
  0x0100: "credentials",
  0x1000: "busy", // unavailable
  0x1001: "busy", // overloaded
  0x1002: "busy", // bootstrapping
  0x1003: "unknown", // truncate error
  0x1100: "unknown", // write timeout, also of a conditional write
  0x1200: "unknown", // read timeout
  0x1300: "unknown", // read failure
  0x1400: "refused", // function failure
  0x1500: "unknown", // write failure
  0x1600: "unknown", // CDC write failure
  0x1700: "unknown", // conditional write of which the outcome is not known (protocol v5)
  0x2000: "refused", // syntax
  0x2100: "credentials", // unauthorized
  0x2200: "refused", // invalid
  0x2300: "refused", // config
  0x2400: "exists",
  0x2500: "unprepared",
};

const INVALID = 0x2200;
/** As Cassandra 4.1 and 5.0 say it, and those before 4.0; the code alone also stands for many mistakes in a statement. */
const NO_SUCH_TABLE =
  /^(?:keyspace|table) \S+ (?:does not exist|doesn't exist)|^unconfigured table /i;

interface DriverError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly innerErrors?: Readonly<Record<string, unknown>>;
  readonly isSocketError?: unknown;
}

/** Errors of connections: the request may have reached the server. */
const OF_CONNECTIONS = new Set(["OperationTimedOutError", "DriverError", "BusyConnectionError"]);

export function meaningOf(error: unknown): Meaning {
  if (typeof error === "string") return "unreachable"; // of a host that the driver takes for down and did not ask
  const { name, code, innerErrors, isSocketError, message } = error as DriverError;
  if (name === "NoHostAvailableError") return ofHosts(Object.values(innerErrors ?? {}));
  const known = typeof code === "number" ? ofCode(code, message) : undefined;
  if (known !== undefined) return known;
  if (name === "AuthenticationError") return "credentials";
  if (isSocketError === true || (typeof name === "string" && OF_CONNECTIONS.has(name)))
    return "unknown";
  // A node without a usable connection is a plain Error of the driver; mistakes of ours are TypeErrors and RangeErrors.
  return typeof code === "string" || name === "Error" ? "unreachable" : "refused";
}

const ofCode = (code: number, message: unknown): Meaning | undefined =>
  code === INVALID && NO_SUCH_TABLE.test(String(message)) ? "unheard" : BY_CODE[code];

/** Hosts that were not even tried: all are down. What one of them really answered counts more than that another was away. */
function ofHosts(errors: readonly unknown[]): Meaning {
  const meanings = new Set(errors.map(meaningOf));
  const telling: readonly Meaning[] = [
    "credentials",
    "refused",
    "exists",
    "unheard",
    "unprepared",
    "unknown",
    "busy",
  ];
  return telling.find((meaning) => meanings.has(meaning)) ?? "unreachable";
}

const isTemporary = (meaning: Meaning): boolean =>
  meaning === "unknown" || meaning === "busy" || meaning === "unreachable";

const UNPREPARED_TRIES = 3;

/** Whether the same statement may be sent again in a while; `tries` have been made. */
export function mayRepeat(error: unknown, tries: number): boolean {
  const meaning = meaningOf(error);
  return isTemporary(meaning) || (meaning === "unprepared" && tries < UNPREPARED_TRIES);
}

/**
 * Of a Fault of this adapter: the node that was asked does not know the table. Whoever knows that the table is there sends the
 * statement again. A statement that was prepared elsewhere tells it by not being prepared; the driver goes on to other nodes then.
 */
export function isUnheard(error: unknown): boolean {
  if (!isFault(error) || error.code !== "CLUSTER_REFUSED" || error.cause === undefined)
    return false;
  const meaning = meaningOf(error.cause);
  return meaning === "unheard" || meaning === "unprepared";
}

const first = (error: unknown): string => {
  const { innerErrors, message } = error as DriverError & { readonly message?: string };
  const [inner] = Object.values(innerErrors ?? {});
  return inner === undefined ? String(message) : `${String(message)} ${first(inner)}`;
};

/** The Fault that leaves the adapter. `what` names the statement in a few words. */
export function storeFault(error: unknown, what: string): Fault {
  const meaning = meaningOf(error);
  const facts = { what };
  if (isTemporary(meaning))
    return new Fault("CLUSTER_UNAVAILABLE", `Cassandra did not answer (${what}): ${first(error)}`, {
      cause: error,
      retryable: true,
      facts,
    });
  return new Fault("CLUSTER_REFUSED", `Cassandra refused to ${what}: ${first(error)}`, {
    cause: error,
    facts,
  });
}
