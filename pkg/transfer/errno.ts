import { Fault, isFault } from "#pkg/fault";

const ERRNO = /^E(?!RR_)[A-Z0-9]+$/;

/** The operating system's name of a failure, "" for anything else. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  ERRNO.test(error.code)
    ? error.code
    : "";

const MISSING = new Set(["ENOENT", "ENOTDIR"]);
const FULL = new Set(["ENOSPC", "EDQUOT"]);
const PASSING = new Set(["EMFILE", "ENFILE", "EAGAIN", "EINTR"]);

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "it does not exist"],
  ["ENOTDIR", "a part of its path is not a folder"],
  ["EACCES", "permission denied"],
  ["EPERM", "operation not permitted"],
  ["EISDIR", "it is a folder"],
  ["EEXIST", "it exists already"],
  ["ELOOP", "its links lead in a circle"],
  ["ENAMETOOLONG", "its name is too long"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "no space is left on the device"],
  ["EDQUOT", "the disk quota is used up"],
  ["EMFILE", "too many files are open"],
  ["ENFILE", "too many files are open"],
]);

/** Why a call of the system failed, in words that follow "cannot be read:"; its own message where there are none. */
export const reasonOf = (error: unknown): string =>
  REASONS.get(errnoOf(error)) ?? (error instanceof Error ? error.message : String(error));

export const isMissing = (error: unknown): boolean => MISSING.has(errnoOf(error));

/** A failure while reading, as the Fault a person can act on; Faults pass. */
export function readFault(url: string, error: unknown): Fault {
  if (isFault(error)) return error;
  const code = isMissing(error) ? "FILE_MISSING" : "FILE_UNREADABLE";
  return new Fault(code, `cannot read ${url}: ${reasonOf(error)}`, {
    cause: error,
    retryable: PASSING.has(errnoOf(error)),
    facts: { url },
  });
}

/** A failure while writing, publishing or removing; Faults pass. */
export function writeFault(url: string, error: unknown): Fault {
  if (isFault(error)) return error;
  const code = FULL.has(errnoOf(error)) ? "TARGET_FULL" : "TARGET_UNWRITABLE";
  const reason =
    errnoOf(error) === "ENOENT" ? "its folder is missing and cannot be made" : reasonOf(error);
  return new Fault(code, `cannot write ${url}: ${reason}`, {
    cause: error,
    retryable: PASSING.has(errnoOf(error)),
    facts: { url },
  });
}
