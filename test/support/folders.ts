import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { onTestFinished } from "vitest";

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 * 1024 ** 3;

/** An empty folder that goes away with the test. */
export const temporaryFolder = (name: string): string => folderIn(tmpdir(), name);

/**
 * The same, in memory where the system has files there: for tests of very many commits, each of which waits for the disk. Only for
 * what does not depend on a disk, like the death of processes.
 */
export const memoryFolder = (name: string): string =>
  folderIn(freeBytes(MEMORY) < ENOUGH_BYTES ? tmpdir() : MEMORY, name);

function folderIn(parent: string, name: string): string {
  const folder = mkdtempSync(join(parent, `capillaries-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Relative name → SHA-256 of every file below the folder, hidden ones included. */
export function contentsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [
      relative(folder, join(folder, name)),
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}
