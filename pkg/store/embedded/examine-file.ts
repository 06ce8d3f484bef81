import { closeSync, openSync, readSync, statSync } from "node:fs";
import { Fault, type FaultCode } from "#pkg/fault";
import { errorCode } from "./store-faults.ts";

/**
 * lmdb maps its file and trusts it: a file that was cut or overwritten ends the process with a signal instead of an error.
 * So the two meta pages are looked at before. Layout of a meta page, little endian: magic at 24, version at 28, page size at
 * 48, root page of the free list at 88, root page of the records at 136, last page at 144, transaction at 152.
 */
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_BYTES = 160;
/** Two pages. */
const SMALLEST_FILE = 8192;
const PATIENCE_MS = 50;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** A file may lack pages at its end that were taken and given back within one transaction. */
const TOLERATED_PAGES = 64;

interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly roots: readonly bigint[];
  readonly lastPage: number;
}

/** Throws `damaged` when opening the file would be dangerous, STORE_VERSION for another file format. Absent or new is fine. */
export function examineFile(path: string, damaged: FaultCode): void {
  if (!awaitBeginning(path)) return;
  const metas = readMetas(path, damaged);
  const [newest] = metas.toSorted((a, b) => (a.transaction > b.transaction ? -1 : 1));
  // The size comes after the metas: whoever else writes grows the file first and then says so.
  const { size } = statSync(path);
  if (newest === undefined || isCut(newest, size)) throw damage(path, damaged, "was cut off");
}

/** False when there is no file or an empty one. Another process may be writing the two meta pages just now. */
function awaitBeginning(path: string): boolean {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let wait = 0; wait < PATIENCE_MS; wait += 1) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) return false;
    if (size >= SMALLEST_FILE) return true;
    Atomics.wait(clock, 0, 0, 1);
  }
  return true;
}

function isCut({ pageSize, roots, lastPage }: Meta, size: number): boolean {
  const pages = Math.floor(size / pageSize);
  const missing = lastPage + 1 - pages;
  const rootMissing = roots.some((root) => root !== NO_PAGE && root >= BigInt(pages));
  return rootMissing || missing > TOLERATED_PAGES + lastPage / 8;
}

function readMetas(path: string, damaged: FaultCode): readonly Meta[] {
  const file = openSync(path, "r");
  try {
    const first = readMeta(file, 0, path, damaged);
    return [first, readMeta(file, first.pageSize, path, damaged)];
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number, path: string, damaged: FaultCode): Meta {
  const page = Buffer.alloc(META_BYTES);
  const length = readSync(file, page, 0, META_BYTES, at);
  const pageSize = page.readUInt32LE(48);
  if (length < META_BYTES || page.readUInt32LE(24) !== MAGIC || !isPageSize(pageSize)) {
    throw damage(path, damaged, "does not begin as it should");
  }
  const version = page.readUInt32LE(28);
  if (version !== DATA_VERSION) {
    throw new Fault("STORE_VERSION", `the file has format ${version}: ${path}`, {
      facts: { path, format: version },
    });
  }
  return {
    pageSize,
    transaction: page.readBigUInt64LE(152),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)],
    lastPage: Number(page.readBigUInt64LE(144)),
  };
}

const isPageSize = (size: number): boolean =>
  size >= 256 && size <= 65_536 && Number.isInteger(Math.log2(size));

const damage = (path: string, code: FaultCode, what: string): Fault =>
  new Fault(code, `the file ${what}: ${path}`, { facts: { path } });

/** Which file a path names now; undefined when none. */
export function fileIdentity(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev}:${found.ino}`;
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Bytes of a file; 0 when there is none. */
export const fileSize = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;
