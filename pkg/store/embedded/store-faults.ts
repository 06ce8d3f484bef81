import { statfsSync } from "node:fs";
import { Fault, isFault, type FaultCode } from "#pkg/fault";

/**
 * lmdb reports its own conditions and errors of the system alike as a number in `code`: its own are negative, the system's
 * are positive errno values. `node:fs` uses the names.
 */
const BY_NUMBER: ReadonlyMap<number, FaultCode> = new Map([
  [-30796, "STORE_DAMAGED"], // MDB_CORRUPTED
  [-30797, "STORE_DAMAGED"], // MDB_PAGE_NOTFOUND
  [-30793, "STORE_DAMAGED"], // MDB_INVALID
  [-30794, "STORE_VERSION"], // MDB_VERSION_MISMATCH
  [-30792, "DISK_FULL"], // MDB_MAP_FULL
  [28, "DISK_FULL"], // ENOSPC
  [122, "DISK_FULL"], // EDQUOT
  [27, "DISK_FULL"], // EFBIG
  [5, "STORE_DAMAGED"], // EIO
]);

const BY_NAME: ReadonlyMap<string, FaultCode> = new Map([
  ["ENOSPC", "DISK_FULL"],
  ["EDQUOT", "DISK_FULL"],
  ["EFBIG", "DISK_FULL"],
  ["EIO", "STORE_DAMAGED"],
]);

const SENTENCES: Partial<Record<FaultCode, string>> = {
  STORE_DAMAGED: "the data folder is damaged",
  TABLE_DAMAGED: "the data of a table is damaged",
  STORE_VERSION: "the data folder was written by another version of the storage library",
  DISK_FULL: "the disk of the data folder is full",
};

export interface StorePlace {
  readonly path: string;
  /** What damage means there; STORE_DAMAGED unless told. */
  readonly damaged?: "TABLE_DAMAGED";
}

/** Whatever lmdb or the file system raised, as a Fault about the store; the original stays as cause. */
export function storeFault(error: unknown, { path, damaged }: StorePlace): Fault {
  if (isFault(error)) return error;
  const found = isShortWrite(error, path) ? "DISK_FULL" : faultCode(error);
  const code = found === "STORE_DAMAGED" ? (damaged ?? found) : found;
  const what = SENTENCES[code] ?? "the data folder cannot be used";
  return new Fault(code, `${what}: ${path}`, {
    cause: error,
    facts: { path, ...systemCode(error) },
  });
}

const EIO = 5;
/** Less than this is no room for one commit. */
const ROOM_BYTES = 2 ** 20;

/** lmdb reports a write that found no room for its last pages as EIO; only the free space tells it from a broken disk. */
function isShortWrite(error: unknown, path: string): boolean {
  if (errorCode(error) !== EIO) return false;
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < ROOM_BYTES;
  } catch {
    return false; // the folder itself is gone or unreadable: not a full disk
  }
}

export const unavailable = (path: string, what: string): Fault =>
  new Fault("STORE_UNAVAILABLE", `${what}: ${path}`, { facts: { path } });

function faultCode(error: unknown): FaultCode {
  const code = errorCode(error);
  if (typeof code === "number") return BY_NUMBER.get(code) ?? "STORE_UNAVAILABLE";
  if (typeof code === "string") return BY_NAME.get(code) ?? "STORE_UNAVAILABLE";
  if (error instanceof SyntaxError) return "STORE_DAMAGED";
  return "STORE_UNAVAILABLE";
}

export function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function systemCode(error: unknown): { readonly system?: unknown } {
  const system = errorCode(error);
  return system === undefined ? {} : { system };
}
