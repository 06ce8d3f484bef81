import { constants, promises as fs } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import { isMissing, readFault, writeFault } from "./errno.ts";
import { localMatches } from "./glob.ts";
import { factsOf, openLocalFile } from "./local-file.ts";
import { pathOf, permit, realPathSoFar } from "./local-path.ts";
import type { FileFacts, Files, TemporaryFile } from "./port.ts";
import { publishFile } from "./publish.ts";
import { createTemporaryFile, removeIfThere } from "./temporary-file.ts";
import { temporaryPath, tokenIn } from "./temporary-name.ts";

async function reading<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw readFault(url, error);
  }
}

async function writing<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw writeFault(url, error);
  }
}

async function readable(policy: AccessPolicy, url: string): Promise<string> {
  const path = pathOf(policy, url);
  return permit(policy, "read", { url, path: await fs.realpath(path) });
}

async function writable(policy: AccessPolicy, url: string): Promise<string> {
  const path = pathOf(policy, url);
  return permit(policy, "write", { url, path: await realPathSoFar(path) });
}

async function readFacts(policy: AccessPolicy, url: string): Promise<FileFacts> {
  const path = await readable(policy, url);
  await fs.access(path, constants.R_OK);
  return factsOf(url, await fs.stat(path, { bigint: true }));
}

/** Without a byte order mark. */
async function readText(policy: AccessPolicy, url: string): Promise<string> {
  const bytes = await fs.readFile(await readable(policy, url));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Fault("ENCODING_INVALID", `${url} is not UTF-8 text`, {
      cause: error,
      facts: { url },
    });
  }
}

async function refuseFolder(url: string, target: string): Promise<void> {
  const stats = await fs.stat(target).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (stats?.isDirectory() !== true) return;
  throw new Fault("TARGET_UNWRITABLE", `cannot write ${url}: it is a folder`, { facts: { url } });
}

async function createTemporary(
  policy: AccessPolicy,
  url: string,
  token: string,
): Promise<TemporaryFile> {
  const target = await writable(policy, url);
  await refuseFolder(url, target);
  return createTemporaryFile(url, target, token);
}

async function sweep(target: string, isDead: (token: string) => boolean): Promise<void> {
  const folder = dirname(target);
  const names = await fs.readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) {
    const token = tokenIn(target, name);
    if (token !== undefined && isDead(token)) await removeIfThere(join(folder, name));
  }
}

/** Files at plain paths. Links are resolved before the policy is asked; targets that are links are written through. */
export function openLocalFiles(policy: AccessPolicy): Files {
  return {
    facts: (url) => reading(url, () => readFacts(policy, url)),
    readText: (url) => reading(url, () => readText(policy, url)),
    open: (url) => reading(url, async () => openLocalFile(url, await readable(policy, url))),
    list: (pattern) => reading(pattern, () => listed(policy, pattern)),
    createTemporary: (url, token) => writing(url, () => createTemporary(policy, url, token)),
    publish: (output) =>
      writing(output.url, async () => publishFile(await writable(policy, output.url), output)),
    discard: ({ url, token }) =>
      writing(url, async () => removeIfThere(temporaryPath(await writable(policy, url), token))),
    resolve: (url) => writing(url, () => writable(policy, url)),
    sweepTemporaries: (url, isDead) =>
      writing(url, async () => sweep(await writable(policy, url), isDead)),
  };
}

/** A file whose name happens to look like a pattern is that file. */
async function listed(policy: AccessPolicy, pattern: string): Promise<readonly string[]> {
  const path = pathOf(policy, pattern);
  const isThere = await fs.stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return isThere === undefined ? localMatches(path) : [path];
}
