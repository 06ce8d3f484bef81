import { createHash } from "node:crypto";
import { createReadStream, promises as fs, type Stats } from "node:fs";
import { dirname } from "node:path";
import { isMissing } from "./errno.ts";
import type { OutputFile } from "./port.ts";
import { syncFolder } from "./sync-folder.ts";
import { removeIfThere } from "./temporary-file.ts";
import { temporaryPath } from "./temporary-name.ts";

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await fs.stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

/** Whether an earlier call already made this content the target. */
async function isPublished(target: string, output: OutputFile): Promise<boolean> {
  const stats = await statsOf(target);
  return (
    stats?.isFile() === true &&
    stats.size === output.size &&
    (await sha256Of(target)) === output.sha256
  );
}

async function renamed(temporary: string, target: string): Promise<boolean> {
  try {
    await fs.rename(temporary, target);
    return true;
  } catch (error) {
    // Another publisher was faster, or the target's folder is gone and the temporary file with it.
    if (isMissing(error)) return false;
    throw error;
  }
}

/** See Files.publish. A temporary file of another size than recorded is not what was committed: it counts as gone. */
export async function publishFile(
  target: string,
  output: OutputFile,
): Promise<"published" | "lost"> {
  const temporary = temporaryPath(target, output.token);
  const stats = await statsOf(temporary);
  if (stats !== undefined && stats.size !== output.size) await removeIfThere(temporary);
  else if (stats !== undefined && (await renamed(temporary, target))) {
    await syncFolder(dirname(target));
    return "published";
  }
  return (await isPublished(target, output)) ? "published" : "lost";
}
