import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault } from "#pkg/fault";
import { errorCode } from "./store-faults.ts";

/**
 * The folder of one table environment. Beside the files of lmdb it holds `boot`, the boot id under which it was begun, and,
 * once everything is on disk, `flushed`. Without `flushed` nothing in it can be trusted after another boot.
 */
const bootFile = (path: string): string => join(path, "boot");
const flushedFile = (path: string): string => join(path, "flushed");
const dataFile = (path: string): string => join(path, "data.mdb");

/** False when there is nothing, or nothing that can be trusted. */
export const isReadable = (path: string, boot: string): boolean =>
  (statSync(dataFile(path), { throwIfNoEntry: false })?.size ?? 0) > 0 && isTrusted(path, boot);

function isTrusted(path: string, boot: string): boolean {
  if (boot === "" || existsSync(flushedFile(path))) return true;
  const begun = readIfThere(bootFile(path));
  return begun === undefined || begun === "" || begun === boot;
}

/** Makes the folder, below a keyspace folder that must exist, and throws away what a power failure left in it. */
export function prepareForWriting(path: string, boot: string): void {
  const keyspace = dirname(dirname(path));
  if (!existsSync(keyspace)) {
    throw new Fault("KEYSPACE_MISSING", `the keyspace was dropped: ${keyspace}`);
  }
  makeIfAbsent(dirname(path));
  makeIfAbsent(path);
  if (!isTrusted(path, boot)) {
    setAside(path);
    makeIfAbsent(path);
  }
  if (readIfThere(bootFile(path)) === undefined) writeFileSync(bootFile(path), boot);
}

/**
 * The new name depends only on the boot that ended, and the folder there is never empty: of several processes that find the
 * same leftovers one succeeds, and none can take away what another has begun since.
 */
function setAside(path: string): void {
  const begun = readIfThere(bootFile(path)) ?? "";
  const aside = join(dirname(path), `.lost-${basename(path)}.${begun.replaceAll(/[^\w-]/g, "_")}`);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(String(errorCode(error)))) throw error;
    return;
  }
  for (const file of ["data.mdb", "lock.mdb"]) rmSync(join(aside, file), { force: true });
}

/** Everything written so far, by whatever process, survives a power failure when this resolves. */
export async function flushFolder(path: string): Promise<void> {
  await syncFile(dataFile(path));
  if (!existsSync(flushedFile(path))) writeFileSync(flushedFile(path), "", { flush: true });
  for (let folder = path, level = 0; level < 4; level += 1, folder = dirname(folder)) {
    await syncFile(folder);
  }
}

export const flushData = (path: string): Promise<void> => syncFile(dataFile(path));

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** Its parent must exist. */
export function makeIfAbsent(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
