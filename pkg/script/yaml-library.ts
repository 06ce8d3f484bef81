import { createRequire } from "node:module";
import type * as Yaml from "yaml";

let library: typeof Yaml | undefined;

/** Loaded with the first YAML text: some fifty files, which every start of a process would wait for and JSON scripts never use. */
export const yaml = (): typeof Yaml =>
  (library ??= createRequire(import.meta.url)("yaml") as typeof Yaml);
