import { dirname } from "node:path";
import type { ToolbeltSettings } from "#pkg/config";
import {
  checkPython,
  moduleCatalogue,
  modulePaths,
  pythonSettings,
  type ModulePaths,
  type ProcessorSettings,
} from "#pkg/processor";
import type { ProcessorCatalogue, ScriptNode } from "#pkg/script";
import type { Context } from "./context.ts";

/** How this process runs custom nodes. */
export interface LocalProcessors {
  readonly settings: () => ProcessorSettings;
  /** Before a run: the interpreter is there and keeps its limits. Its real path is used from then on. */
  readonly prepare: (nodes: readonly ScriptNode[]) => Promise<void>;
}

export function localProcessors(
  context: Pick<Context, "env" | "cwd" | "processors">,
  installation: Pick<ToolbeltSettings, "customProcessors" | "file">,
): LocalProcessors {
  const settings = {
    python: pythonSettings(installation.customProcessors["py_calc"], context.env),
    modules: modulesOf(context, installation),
  };
  return {
    settings: () => settings,
    async prepare(nodes) {
      const isNeeded = nodes.some(
        (node) => node.kind === "table_custom_tfm_table" && node.processor.type === "py_calc",
      );
      if (!isNeeded) return;
      settings.python = await checkPython(settings.python);
    },
  };
}

/** Processors that scripts may name beside the built-in ones. */
export const catalogueOf = (
  context: Pick<Context, "cwd" | "processors">,
  installation: Pick<ToolbeltSettings, "customProcessors" | "file">,
): (() => Promise<ProcessorCatalogue>) => {
  const paths = modulesOf(context, installation);
  return () => moduleCatalogue(paths);
};

/** Of the settings file and of --processor, which wins. */
const modulesOf = (
  { cwd, processors }: Pick<Context, "cwd" | "processors">,
  { customProcessors, file }: Pick<ToolbeltSettings, "customProcessors" | "file">,
): ModulePaths =>
  modulePaths(
    { folder: file === undefined ? cwd : dirname(file), modules: customProcessors },
    { folder: cwd, modules: processors },
  );
