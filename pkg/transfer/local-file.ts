import { promises as fs, type BigIntStats } from "node:fs";
import { Fault } from "#pkg/fault";
import { readFault } from "./errno.ts";
import type { FileFacts, OpenFile } from "./port.ts";

const NS_PER_MS = 1_000_000n;
const FRACTION_DIGITS = 6;

/** Facts of a file that can be read as a file; a folder is FILE_UNREADABLE. */
export function factsOf(url: string, stats: BigIntStats): FileFacts {
  if (stats.isDirectory()) {
    throw new Fault("FILE_UNREADABLE", `cannot read ${url}: it is a folder`, {
      facts: { url },
      hint: "Name the files in it.",
    });
  }
  const ms = stats.mtimeNs / NS_PER_MS;
  const fraction = String(stats.mtimeNs % NS_PER_MS).padStart(FRACTION_DIGITS, "0");
  return { size: Number(stats.size), version: `${ms}.${fraction}` };
}

async function fill(handle: fs.FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Opens the file at a real path that the policy has allowed. */
export async function openLocalFile(url: string, path: string): Promise<OpenFile> {
  const handle = await fs.open(path, "r");
  const facts = await handle
    .stat({ bigint: true })
    .then((stats) => factsOf(url, stats))
    .catch(async (error: unknown) => {
      await handle.close();
      throw error;
    });
  return {
    facts,
    read: (into, position) =>
      fill(handle, into, position).catch((error: unknown) => {
        throw readFault(url, error);
      }),
    // By name, so that a file that was replaced counts as changed too.
    currentFacts: () =>
      fs.stat(path, { bigint: true }).then(
        (stats) => factsOf(url, stats),
        (error: unknown) => {
          throw readFault(url, error);
        },
      ),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
