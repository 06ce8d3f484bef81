import { Fault, isFault, type FaultCode } from "#pkg/fault";

/** Numbers of the protocol. */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
/** Said when there is no better word; a full disk is among its reasons. */
export const FAILURE = 4;
const PASSING = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
  "ERR_GENERIC_CLIENT",
  "ERR_NOT_CONNECTED",
]);

interface Failure {
  readonly code: unknown;
  readonly message: string;
  /** Part of the client that failed. */
  readonly level: string;
}

interface Meaning {
  readonly fits: (failure: Failure) => boolean;
  readonly codes: { readonly read: FaultCode; readonly write: FaultCode };
  readonly text: string;
}

const failed = { read: "FILE_UNREADABLE", write: "TARGET_UNWRITABLE" } as const;

const MEANINGS: readonly Meaning[] = [
  {
    fits: ({ code }) => code === NO_SUCH_FILE || code === "ENOENT",
    codes: { ...failed, read: "FILE_MISSING" },
    text: "it does not exist",
  },
  {
    fits: ({ code }) => code === PERMISSION_DENIED || code === "EACCES",
    codes: failed,
    text: "permission denied",
  },
  {
    fits: ({ level, message }) =>
      level === "client-authentication" || /authentication methods failed/i.test(message),
    codes: { read: "CREDENTIALS", write: "CREDENTIALS" },
    text: "the host refused the user and key",
  },
  {
    fits: ({ code, message }) => code === FAILURE && /space|quota/i.test(message),
    codes: { ...failed, write: "TARGET_FULL" },
    text: "no space is left on the host",
  },
];

/** A failure of a connection or of a request on it. */
export function sftpFault(url: string, purpose: "read" | "write", error: unknown): Fault {
  if (isFault(error)) return error;
  const failure: Failure = { code: undefined, message: "", level: "", ...pick(error) };
  const { code, message, level } = failure;
  const known = MEANINGS.find(({ fits }) => fits(failure));
  const isConnection =
    known === undefined && (level.startsWith("client-") || PASSING.has(String(code)));
  return new Fault(
    (known?.codes ?? failed)[purpose],
    `cannot ${purpose} ${url}: ${known?.text ?? message}`,
    {
      facts: { url },
      cause: error,
      retryable: isConnection,
      ...(isConnection
        ? { hint: "Check the address, and that this machine reaches the host." }
        : {}),
    },
  );
}

const pick = (error: unknown): Partial<Failure> => {
  const { code, message, level } = error as Partial<Failure>;
  return {
    code,
    ...(message === undefined ? {} : { message }),
    ...(level === undefined ? {} : { level }),
  };
};
