import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { asFault, Fault } from "#pkg/fault";
import { eraseTypes } from "./erase-types.ts";
import { importModule } from "./import-module.ts";
import type { ProcessorModule } from "../module-api.ts";

export interface LoadedModule {
  readonly name: string;
  readonly path: string;
  /** Hex SHA-256 of the file, and so of all code of the module. */
  readonly sha256: string;
  readonly module: ProcessorModule;
}

/**
 * Runs the module file, JavaScript or TypeScript, once for each content. It runs as a text, not as a file: what was hashed is what runs, and it cannot
 * import files beside it or packages, which no hash would cover. Throws PROCESSOR_MODULE when it is missing, fails, or is no processor.
 */
export async function loadModule(name: string, path: string): Promise<LoadedModule> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw moduleFault({ name, path }, `it cannot be read: ${asFault(error).message}`, error);
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const code = await codeOf({ name, path }, bytes.toString("utf8"));
  // Stack traces name the file instead of its whole text.
  const text = `${code}\n//# sourceURL=${encodeURI(path)}`;
  const url = `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
  const imported = (await importModule(url).catch((error: unknown) => {
    throw moduleFault({ name, path }, `it cannot be loaded: ${loadingError(error)}`, error);
  })) as { readonly default?: unknown };
  const missing = missingMember(imported.default);
  if (missing !== undefined)
    throw moduleFault({ name, path }, `its default export has no ${missing}`);
  return { name, path, sha256, module: imported.default as ProcessorModule };
}

/** Text to run: TypeScript without its types, in the same lines. */
async function codeOf(place: Pick<LoadedModule, "name" | "path">, text: string): Promise<string> {
  if (!/\.m?ts$/.test(place.path)) return text;
  return eraseTypes(text).catch((error: unknown) => {
    throw moduleFault(place, `it cannot be read as TypeScript: ${asFault(error).message}`, error, {
      hint: "Only types are taken out; write what TypeScript would make code of (enum, namespace) as JavaScript, or bundle it.",
    });
  });
}

/** Something is wrong with the module itself. */
export const moduleFault = (
  { name, path }: { readonly name: string; readonly path: string },
  why: string,
  cause?: unknown,
  details: { readonly hint?: string } = {},
): Fault =>
  new Fault("PROCESSOR_MODULE", `the processor ${name}, module ${path}: ${why}`, {
    cause,
    facts: { processor: name, module: path },
    ...details,
  });

/** Node shows the whole text of the module where it means its file. */
const loadingError = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replaceAll(
    /data:text\/javascript;base64,[\w+/=]*/g,
    "the module",
  );

const MEMBERS = [
  ["settings", "object"],
  ["sourceFields", "function"],
  ["outputs", "function"],
  ["process", "function"],
] as const;

function missingMember(value: unknown): string | undefined {
  const members = (typeof value === "object" && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  const missing = MEMBERS.find(
    ([name, type]) => typeof members[name] !== type || members[name] === null,
  );
  return missing === undefined ? undefined : `${missing[1]} ${missing[0]}`;
}
