import { Fault, isFault, type FaultCode } from "#pkg/fault";

const MISSING = new Set(["NoSuchKey", "NotFound", "NoSuchBucket"]);
const REFUSED = new Set([
  "AccessDenied",
  "CredentialsProviderError",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "Forbidden",
]);

/** How stores say that they or the bucket are full; Amazon's own never is. */
const FULL = new Set([
  "InsufficientStorage",
  "QuotaExceeded",
  "StorageFull",
  "XMinioStorageFull",
  "XMinioAdminBucketQuotaExceeded",
]);
const INSUFFICIENT_STORAGE = 507;

/** The store got other bytes than were hashed. */
const DAMAGED = new Set(["XAmzContentSHA256Mismatch", "BadDigest"]);

interface Described {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

export function describe(error: unknown): Described {
  const {
    name = "",
    message = "",
    $metadata,
  } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  return { name, message: message === "" ? name : message, status: $metadata?.httpStatusCode ?? 0 };
}

/** The Fault of our own that a client wrapped, such as a refused address. */
const wrapped = (error: unknown): Fault | undefined =>
  error instanceof Error && isFault(error.cause) ? error.cause : undefined;

type Purpose = "read" | "write";

const failed = { read: "FILE_UNREADABLE", write: "TARGET_UNWRITABLE" } as const;
const missing = { ...failed, read: "FILE_MISSING" } as const;

interface Meaning {
  readonly fits: (failure: Described) => boolean;
  readonly codes: Readonly<Record<Purpose, FaultCode>>;
  /** Absent: what the store says. */
  readonly text?: string;
  /** Absent: that of the code. */
  readonly hint?: string;
  /** It may pass by itself. */
  readonly passes?: true;
}

const UNREACHED = "Check the address of the store, and that this machine reaches it.";

const MEANINGS: readonly Meaning[] = [
  {
    fits: ({ name, status }) => FULL.has(name) || status === INSUFFICIENT_STORAGE,
    codes: { ...failed, write: "TARGET_FULL" },
    text: "no space is left in the store",
  },
  {
    fits: ({ name }) => name === "TimeoutError",
    codes: failed,
    text: "the store does not answer",
    hint: UNREACHED,
    passes: true,
  },
  {
    fits: ({ name }) => DAMAGED.has(name),
    codes: failed,
    text: "it was damaged on its way",
    hint: "Start a new run or retry; if it happens again, look at what stands between here and the store.",
    passes: true,
  },
  {
    fits: ({ name }) => name === "NoSuchBucket",
    codes: missing,
    text: "there is no such bucket",
    hint: "Make the bucket, or correct its name in the script and its parameters.",
  },
  {
    fits: ({ name, status }) => MISSING.has(name) || status === 404,
    codes: missing,
    text: "there is no such object",
  },
  {
    fits: ({ name, status }) => name === "PreconditionFailed" || status === 412,
    codes: { read: "FILE_CHANGED", write: "FILE_CHANGED" },
    text: "it changed meanwhile",
  },
  {
    fits: ({ name, status }) => REFUSED.has(name) || status === 403 || status === 401,
    codes: { read: "CREDENTIALS", write: "CREDENTIALS" },
  },
  { fits: ({ status }) => status === 0, codes: failed, hint: UNREACHED, passes: true },
  { fits: ({ status }) => status === 429 || status >= 500, codes: failed, passes: true },
];
const OTHERWISE: Omit<Meaning, "fits"> = { codes: failed };

/** What the client threw, in our words. */
export function s3Fault(url: string, purpose: Purpose, error: unknown): Fault {
  if (isFault(error)) return error;
  const own = wrapped(error);
  if (own !== undefined) return own;
  const failure = describe(error);
  const { name, status, message } = failure;
  const { codes, text, hint, passes } = MEANINGS.find(({ fits }) => fits(failure)) ?? OTHERWISE;
  return new Fault(codes[purpose], `cannot ${purpose} ${url}: ${text ?? message}`, {
    facts: { url, name, status },
    ...(hint === undefined ? {} : { hint }),
    // The client's own errors carry the whole exchange, signatures included.
    cause: new Error(`${name}: ${message}`),
    retryable: passes === true,
  });
}
