import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { AccessSettings } from "#pkg/config";
import { Fault } from "#pkg/fault";
import { everything, type AccessPolicy } from "#pkg/security";

/**
 * What runs may touch on this worker, whoever started them; without settings, what the user of this process may. Folders are taken
 * as they really lie, links resolved. Throws CONFIG_INVALID.
 */
export async function accessPolicy(
  { readRoots, writeRoots, schemes, ...others }: AccessSettings,
  cwd: string,
): Promise<AccessPolicy> {
  const unknown = (schemes ?? []).filter((scheme) => !everything.schemes.includes(scheme));
  if (unknown.length > 0)
    throw new Fault(
      "CONFIG_INVALID",
      `the setting daemon.access.schemes names ${unknown.join(", ")}; there are ${everything.schemes.join(", ")}`,
    );
  return {
    ...everything,
    ...others,
    ...(schemes === undefined ? {} : { schemes }),
    ...(readRoots === undefined
      ? {}
      : { readRoots: await foldersOf("read_roots", readRoots, cwd) }),
    ...(writeRoots === undefined
      ? {}
      : { writeRoots: await foldersOf("write_roots", writeRoots, cwd) }),
  };
}

async function foldersOf(
  setting: string,
  folders: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  const real: string[] = [];
  for (const folder of folders)
    try {
      real.push(await realpath(resolve(cwd, folder)));
    } catch (error) {
      throw new Fault(
        "CONFIG_INVALID",
        `the setting daemon.access.${setting} names ${folder}, which is not there`,
        { cause: error },
      );
    }
  return real;
}
