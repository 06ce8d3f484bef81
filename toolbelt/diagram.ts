import { toDot, toSvg, type DiagramOptions } from "#pkg/diagram";
import { findRun, loadScript, nodeStatuses, scriptOfRun } from "#pkg/operator";
import { formatProblems, type Script } from "#pkg/script";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { absoluteUrl } from "./absolute-url.ts";
import { readingFor } from "./files-for.ts";

export interface ScriptFlags {
  readonly script_file: string;
  readonly params_file?: string;
}

/** The script a command is about; warnings go to stderr. Throws SCRIPT_INVALID with every problem. */
export async function readScriptOf(context: Context, flags: ScriptFlags): Promise<Script> {
  const request = {
    scriptUrl: absoluteUrl(context, flags.script_file),
    parametersUrl: flags.params_file === undefined ? "" : absoluteUrl(context, flags.params_file),
    overrides: {},
  };
  const { script, warnings } = await loadScript(await readingFor(context), request);
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  return script;
}

/** `capigraph` is SVG; anything else is DOT, as in the reference. */
const drawn = (script: Script, format: string, options: DiagramOptions): string =>
  format === "capigraph" ? toSvg(script, options) : toDot(script, options);

interface DiagramFlags extends ScriptFlags {
  readonly format: string;
  readonly detail: string;
  /** 1.1.6 prints a DOT text for each of these. */
  readonly idx_dag?: boolean;
  readonly field_dag?: boolean;
}

/** `validate_script`: the diagram of a valid script on stdout. */
export async function printScriptDiagram(context: Context, flags: DiagramFlags): Promise<number> {
  const script = await readScriptOf(context, flags);
  const { idx_dag, field_dag } = flags;
  if (idx_dag === true || field_dag === true) {
    if (idx_dag === true)
      context.out(toDot(script, { indexes: true, fields: false, graphName: "indexes" }));
    if (field_dag === true)
      context.out(toDot(script, { indexes: false, fields: true, graphName: "fields" }));
    return EXIT.success;
  }
  const { format, detail } = flags;
  const shown = { indexes: detail.includes("idx"), fields: detail.includes("field") };
  context.out(drawn(script, format, { ...shown, rootPalette: true }));
  return EXIT.success;
}

interface StatusFlags {
  readonly script_file?: string;
  readonly params_file?: string;
  readonly keyspace: string;
  readonly run_id: number;
  readonly format: string;
}

/** `get_run_status_diagram`: nodes coloured by their status in the run; without a script file, of the script that the run froze. */
export async function printStatusDiagram(
  context: Context,
  flags: StatusFlags,
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: false });
  const { store } = installation.ports;
  const run = await findRun(store, flags.keyspace, flags.run_id);
  const { script_file, ...more } = flags;
  const script =
    script_file === undefined
      ? await scriptOfRun(store, run)
      : await readScriptOf(context, { ...more, script_file });
  const statuses = await nodeStatuses(store, run);
  // DOT keeps tables and indexes on its lines (spec/workflow.md 8.2), SVG does not (8.3).
  context.out(drawn(script, flags.format, { indexes: true, fields: false, statuses }));
  return EXIT.success;
}
