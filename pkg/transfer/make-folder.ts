import { promises as fs } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./errno.ts";

/**
 * Makes a folder and what is missing above it, and gives the first one that was made; undefined when it is there. Node's
 * recursive mkdir never returns where the system says ENOENT inside a folder that exists (proc, homes that are mounted on demand).
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makeOne(path);
  } catch (error) {
    const above = dirname(path);
    if (errnoOf(error) !== "ENOENT" || above === path) throw error;
    const first = await makeFolder(above);
    const made = await makeOne(path);
    return first ?? made;
  }
}

async function makeOne(path: string): Promise<string | undefined> {
  try {
    await fs.mkdir(path);
    return path;
  } catch (error) {
    if (await isFolder(path)) return undefined;
    throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  fs.stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
