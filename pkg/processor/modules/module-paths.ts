import { resolve } from "node:path";
import { Fault } from "#pkg/fault";

/** Module file of each processor, by name; plain data, so that engine threads can be given it. */
export type ModulePaths = Readonly<Record<string, string>>;

/** Texts by name, and the folder that relative paths start from. */
interface Named {
  readonly folder: string;
  readonly modules: Readonly<Record<string, unknown>>;
}

const BUILT_IN: ReadonlySet<string> = new Set(["py_calc", "tag_and_denormalize"]);

/**
 * Modules of the settings file (`custom_processors.<name>.module`) and of flags, which win. Throws CONFIG_INVALID or USAGE.
 */
export function modulePaths(configured: Named, flags: Named): ModulePaths {
  const fromFile = Object.entries(configured.modules).flatMap(([name, given]) => {
    const path = moduleOf(given);
    if (path === undefined) return [];
    const refuse = (why: string): Fault =>
      new Fault("CONFIG_INVALID", `custom_processors.${name}.module: ${why}`);
    return [checked(name, path, { folder: configured.folder, refuse })];
  });
  const fromFlags = Object.entries(flags.modules).map(([name, path]) => {
    const refuse = (why: string): Fault => new Fault("USAGE", `--processor ${name}: ${why}`);
    return checked(name, path, { folder: flags.folder, refuse });
  });
  return Object.fromEntries([...fromFile, ...fromFlags]);
}

/** Settings of other kinds of processors have no module. */
const moduleOf = (given: unknown): unknown =>
  typeof given === "object" && given !== null
    ? (given as Readonly<Record<string, unknown>>)["module"]
    : undefined;

interface Checks {
  readonly folder: string;
  readonly refuse: (why: string) => Fault;
}

function checked(name: string, path: unknown, { folder, refuse }: Checks): [string, string] {
  if (typeof path !== "string" || path === "") throw refuse("the path of a module file is needed");
  if (BUILT_IN.has(name)) throw refuse(`${name} is built in; choose another name`);
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw refuse("the name must be a letter or _ followed by letters, digits or _");
  return [name, resolve(folder, path)];
}
