import { promises as fs } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Fault } from "#pkg/fault";
import { isAllowed, type AccessPolicy, type AccessPurpose } from "#pkg/security";
import { errnoOf } from "./errno.ts";

/** The absolute path of a plain path. */
export function pathOf(policy: AccessPolicy, url: string): string {
  if (!policy.schemes.includes("file")) throw denied("use", url, url);
  return resolve(url);
}

function denied(verb: string, url: string, path: string): Fault {
  const place = path === url ? url : `${url} (that is ${path})`;
  return new Fault("ACCESS_DENIED", `the access policy does not allow to ${verb} ${place}`, {
    facts: { url, path },
  });
}

/** Refuses what the policy does not allow for the real path; returns that path. */
export function permit(
  policy: AccessPolicy,
  purpose: AccessPurpose,
  place: { url: string; path: string },
): string {
  if (!isAllowed(policy, purpose, place.path)) throw denied(purpose, place.url, place.path);
  return place.path;
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return resolve(dirname(path), await fs.readlink(path));
  } catch (error) {
    if (errnoOf(error) !== "") return undefined;
    throw error;
  }
}

/** Links resolved as far as the path exists and may be looked at; the rest stays as it is written. */
export async function realPathSoFar(path: string): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "" || dirname(path) === path) throw error;
    const target = code === "ENOENT" ? await linkTarget(path) : undefined;
    return target === undefined
      ? join(await realPathSoFar(dirname(path)), basename(path))
      : realPathSoFar(target);
  }
}
