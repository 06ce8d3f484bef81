import type { Dirent } from "node:fs";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import { isMissing } from "./errno.ts";

const MAGIC = /[*?[]/;

/** Whether a path is a pattern: `*` any text, `?` one character, `[a-c]` one of these, never across a `/`. */
export const isPattern = (path: string): boolean => MAGIC.test(path);

/** The part before the first step with a pattern, with its last `/`. */
export const plainPrefix = (path: string): string => {
  const at = path.search(MAGIC);
  return at < 0 ? path : path.slice(0, path.lastIndexOf("/", at) + 1);
};

const escape = (character: string): string => character.replace(/[\\^$.|+(){}]/, "\\$&");

/** Text of an expression for one step of a path; a name that begins with a dot must be asked for. */
function stepPattern(step: string): string {
  let text = step.startsWith(".") ? "" : "(?!\\.)";
  for (let at = 0; at < step.length; at++) {
    const character = step.charAt(at);
    const close = character === "[" ? step.indexOf("]", at + 2) : -1;
    if (character === "*") text += "[^/]*";
    else if (character === "?") text += "[^/]";
    else if (close > 0) {
      const set = step.slice(at + 1, close).replaceAll(/[\\\]^]/g, "\\$&");
      text += `[${set.startsWith("!") ? `^/${set.slice(1)}` : set}]`;
      at = close;
    } else text += character === "[" ? "\\[" : escape(character);
  }
  return text;
}

/** Tells whether a whole path fits. */
export function matcher(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${pattern.split("/").map(stepPattern).join("/")}$`, "su");
  return (path) => expression.test(path);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await fs.readdir(folder === "" ? "." : folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Entries of a folder that fit one step of a pattern: files for the last step, folders for the others. */
async function stepMatches(
  folder: string,
  step: string,
  isLast: boolean,
): Promise<readonly string[]> {
  const fits = matcher(step);
  const entries = await entriesOf(folder);
  return entries
    .filter((entry) => fits(entry.name) && entry.isDirectory() !== isLast)
    .map(({ name }) => join(folder, name));
}

/** Files below the plain part of an absolute pattern that fit it, in order of their names; folders are no files. */
export async function localMatches(pattern: string): Promise<readonly string[]> {
  const prefix = plainPrefix(pattern);
  const steps = pattern.slice(prefix.length).split("/");
  let found: readonly string[] = [prefix];
  for (const [at, step] of steps.entries()) {
    const next: string[] = [];
    for (const folder of found)
      next.push(...(await stepMatches(folder, step, at === steps.length - 1)));
    found = next;
  }
  return found.toSorted();
}
