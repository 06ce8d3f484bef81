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

const CONSTANTS = {
  chunk_rows: { key: "chunkRows", least: 1 },
  chunk_bytes: { key: "chunkBytes", least: 1024 },
  range_size: { key: "rangeSize", least: 1 },
  broadcast_limit: { key: "broadcastLimit", least: 0 },
  partitions: { key: "partitions", least: 1 },
} as const satisfies Record<string, { key: keyof RunConstants; least: number }>;

/** Chunks as the table store likes them (0), partitions as many as the input is worth (0). */
export const DEFAULT_CONSTANTS: RunConstants = {
  chunkRows: 0,
  chunkBytes: 0,
  rangeSize: 64 * 2 ** 20,
  broadcastLimit: 64 * 2 ** 20,
  partitions: 0,
};

/** Constants of the run from --set flags; unknown names and bad numbers are refused (design 11). */
export function runConstants(pairs: readonly string[]): RunConstants {
  const constants: { -readonly [Key in keyof RunConstants]: number } = { ...DEFAULT_CONSTANTS };
  for (const [name, text] of Object.entries(namedValues("set", pairs))) {
    const constant = Object.hasOwn(CONSTANTS, name)
      ? CONSTANTS[name as keyof typeof CONSTANTS]
      : undefined;
    if (constant === undefined)
      throw new Fault("USAGE", `--set knows no constant "${name}"`, {
        hint: `Constants are: ${Object.keys(CONSTANTS).join(", ")}.`,
      });
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < constant.least)
      throw new Fault(
        "USAGE",
        `--set ${name}=${text}: a whole number of at least ${constant.least} is needed`,
      );
    constants[constant.key] = value;
  }
  return constants;
}

/** Keyspace named after the script file: other characters than letters, digits and _ become _ (design 11). */
export const keyspaceOfScript = (script: string): string => {
  const base = script.split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\.[^.]*$/, "").replaceAll(/[^A-Za-z0-9_]/g, "_");
};
