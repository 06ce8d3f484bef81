import type { ToolbeltSettings } from "#pkg/config";
import { checkPython, pythonSettings, type ProcessorSettings } from "#pkg/processor";
import type { ScriptNode } from "#pkg/script";
import type { Context } from "./context.ts";

/** How this process runs custom nodes. */
export interface LocalProcessors {
  readonly settings: () => ProcessorSettings;
  /** Before a run: the interpreter is there and keeps its limits. Its real path is used from then on. */
  readonly prepare: (nodes: readonly ScriptNode[]) => Promise<void>;
}

export function localProcessors(
  { env }: Pick<Context, "env">,
  { customProcessors }: Pick<ToolbeltSettings, "customProcessors">,
): LocalProcessors {
  const settings = { python: pythonSettings(customProcessors["py_calc"], env) };
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
