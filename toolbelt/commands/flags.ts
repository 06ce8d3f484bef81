import { InvalidArgumentError } from "commander";
import { Fault } from "#pkg/fault";
import type { RunConstants } from "#pkg/workflow";
import type { Context } from "../context.ts";

/** What --data says, "" when it is not given: openInstallation then finds the place in settings and environment. */
export const dataFolder = (_context: Context, flag: string | undefined): string => flag ?? "";

/** A whole number of at least `least`; commander names the flag in the message. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };

/** `a,b,` as names; empty ones are ignored, as the reference's users write them. */
export const commaList = (text: string): readonly string[] =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** `1,2` as run numbers. */
export const runNumbers = (text: string): readonly number[] => commaList(text).map(wholeNumber(1));

export const collect = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  text,
];

/** `name=value` texts as a record; the last one of a name wins. */
export function namedValues(flag: string, pairs: readonly string[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at <= 0) throw new Fault("USAGE", `--${flag} "${pair}" is not of the form name=value`);
    record[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return record;
}

/** Constants of the run from --set flags; the defaults, which `memoryMb` may lower, and what may be set are the operator's. */
export async function setConstants(
  pairs: readonly string[],
  memoryMb?: number,
): Promise<RunConstants> {
  const { runConstants } = await import("#pkg/operator");
  return runConstants(namedValues("set", pairs), memoryMb);
}

/**
 * Keyspace named after the script file: other characters than letters, digits and _ become _ (design 11). A path without a
 * name, like a folder, gives one as well: what is wrong with it is said when it is read.
 */
export const keyspaceOfScript = (script: string): string => {
  const base = script.split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\.[^.]*$/, "").replaceAll(/[^A-Za-z0-9_]/g, "_") || "script";
};
