import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { JsonSyntaxError, plainValue, readJson, sourceText, type Tree } from "#pkg/script/json";
import type { Departure } from "./check-settings.ts";
import { overridesOf, type Environment, type Override } from "./environment.ts";
import type { ProgramName } from "./known-settings.ts";
import { KNOWN_SETTINGS, schemaOf } from "./schema.ts";

/** Where settings come from. */
export interface SettingsPlaces {
  /** Looked at in this order: the folder of the executable, the current one. The first file found counts. */
  readonly folders: readonly string[];
  readonly environment: Environment;
}

/** Valid settings by path; what was not given is absent. */
export interface FoundSettings {
  /** The file that was read. */
  readonly file: string | undefined;
  readonly values: ReadonlyMap<string, unknown>;
  /** What was accepted without an effect, one sentence each. */
  readonly notes: readonly string[];
}

interface SettingsFile {
  readonly path: string;
  readonly tree: Tree | undefined;
  /** Set when the file is no JSON at all. */
  readonly problem?: string;
  /** `file:line:column` of a setting. */
  readonly placeOf: (path: string) => string;
}

/** File, then environment, which wins. Throws CONFIG_INVALID with everything that is wrong, each with its place. */
export async function readSettings(
  program: ProgramName,
  { folders, environment }: SettingsPlaces,
): Promise<FoundSettings> {
  const file = await firstFile(folders.map((folder) => join(folder, `${program}.json`)));
  const overrides = overridesOf(environment);
  const root = file?.tree === undefined ? {} : plainValue(file.tree);
  const values = overrides.reduce(withOverride, root);
  const found = await departuresOf(program, values);
  const problems = found.map(({ path, message }) => {
    const override = overrides.find(({ setting }) => isWithin(path, setting.path));
    const place =
      override === undefined ? (file?.placeOf(path) ?? program) : `variable ${override.variable}`;
    return `${place}: ${message}`;
  });
  if (file?.problem !== undefined) problems.unshift(file.problem);
  if (problems.length > 0)
    throw new Fault("CONFIG_INVALID", problems.join("\n"), { facts: { problems } });
  return { file: file?.path, ...flattened(values, program) };
}

/** The schema compiler is loaded only where there is something to check. */
async function departuresOf(program: ProgramName, values: unknown): Promise<readonly Departure[]> {
  if (Object.keys(values as object).length === 0) return [];
  return (await import("./check-settings.ts")).departures(schemaOf(program), values);
}

async function firstFile(paths: readonly string[]): Promise<SettingsFile | undefined> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new Fault("CONFIG_INVALID", `${path} cannot be read: ${error.message}`, {
        cause: error,
      });
    });
    if (text !== undefined) return parsed(path, text);
  }
  return undefined;
}

function parsed(path: string, raw: string): SettingsFile {
  const source = sourceText(path, raw);
  const at = (offset: number): string => {
    const { line, column } = source.position(offset);
    return `${path}:${line}:${column}`;
  };
  try {
    const { tree } = readJson(source.text);
    return { path, tree, placeOf: (setting) => at(offsetOf(tree, setting)) };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const problem = `${at(error.offset)}: this is not JSON: ${error.message}`;
    return { path, tree: undefined, problem, placeOf: () => path };
  }
}

/** Where the key stands in the file, or the nearest one around it. */
function offsetOf(tree: Tree, path: string): number {
  let { offset } = tree;
  let here: Tree | undefined = tree;
  for (const step of path.split(".")) {
    if (here?.kind !== "map") break;
    const entry = here.entries.get(step);
    if (entry === undefined) break;
    offset = entry.keyOffset;
    here = entry.value;
  }
  return offset;
}

const isWithin = (path: string, setting: string): boolean =>
  path === setting || path.startsWith(`${setting}.`);

function withOverride(root: unknown, { setting, value }: Override): unknown {
  const set = (node: unknown, steps: readonly string[]): unknown => {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    const map = typeof node === "object" && node !== null && !Array.isArray(node) ? node : {};
    return { ...map, [step]: set((map as Record<string, unknown>)[step], rest) };
  };
  return set(root, setting.path.split("."));
}

function flattened(root: unknown, program: ProgramName): Omit<FoundSettings, "file"> {
  const values = new Map<string, unknown>();
  const notes: string[] = [];
  for (const { path, unused, only } of KNOWN_SETTINGS) {
    const value = path
      .split(".")
      .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], root);
    if (value === undefined || value === "") continue;
    if (unused !== undefined) notes.push(`the setting ${path} has no effect: ${unused}`);
    else if (only !== undefined && only !== program)
      notes.push(`the setting ${path} is for ${only}`);
    else values.set(path, value);
  }
  return { values, notes };
}
