import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cache = (): string =>
  process.env["CAPI_SERVICES_CACHE"] ?? join(homedir(), ".cache", "capillaries");

/**
 * A folder of that name in the user's cache (CAPI_SERVICES_CACHE names another place), filled once by `fill`. Two processes that
 * fill it at a time get the same folder: whoever is first wins.
 */
export function cached(name: string, fill: (folder: string) => void): string {
  const wanted = join(cache(), name);
  if (existsSync(wanted)) return wanted;
  mkdirSync(cache(), { recursive: true });
  const work = mkdtempSync(join(cache(), "fetch-"));
  const folder = join(work, "filled");
  try {
    fill(folder);
    if (!existsSync(wanted)) renameSync(folder, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return wanted;
}
