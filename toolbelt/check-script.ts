import { resolve } from "node:path";
import { asFault, Fault, toRecord } from "#pkg/fault";
import { loadScript } from "#pkg/operator";
import { formatProblems, toDot, type Problem } from "#pkg/script";
import { everything } from "#pkg/security";
import { openFiles } from "#pkg/transfer";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";

interface CheckRequest {
  readonly scriptUrl: string;
  readonly parametersUrl: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/** Prints every problem of the script; 0 when there is none (with `strict`, warnings count). */
export async function checkScript(
  context: Context,
  request: CheckRequest,
  style: { readonly json: boolean; readonly strict: boolean },
): Promise<number> {
  const problems = await problemsOf(request);
  const bad = problems.some(({ severity }) => style.strict || severity === "error");
  if (style.json) context.out(`${JSON.stringify({ valid: !bad, problems })}\n`);
  else if (problems.length > 0) context.err(`${formatProblems(problems)}\n`);
  if (!bad && !style.json) context.out(`${request.scriptUrl}: valid\n`);
  return bad ? EXIT.misuse : EXIT.success;
}

async function problemsOf(request: CheckRequest): Promise<readonly Problem[]> {
  try {
    return (await loadScript({ files: openFiles(everything) }, request)).warnings;
  } catch (error) {
    const { facts } = toRecord(error);
    if (Array.isArray(facts["problems"])) return facts["problems"] as readonly Problem[];
    throw asFault(error);
  }
}

interface DiagramFlags {
  readonly script_file: string;
  readonly params_file?: string;
  readonly format: string;
  readonly detail: string;
}

/** DOT of a valid script on stdout; throws SCRIPT_INVALID otherwise. */
export async function printDiagram(context: Context, flags: DiagramFlags): Promise<number> {
  if (flags.format !== "dot")
    throw new Fault(
      "NOT_AVAILABLE",
      `validate_script cannot print the format "${flags.format}" yet`,
      {
        hint: "Use --format=dot.",
      },
    );
  const request = {
    scriptUrl: resolve(context.cwd, flags.script_file),
    parametersUrl: flags.params_file ?? "",
    overrides: {},
  };
  const { script, warnings } = await loadScript({ files: openFiles(everything) }, request);
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  const { detail } = flags;
  context.out(toDot(script, { indexes: detail.includes("idx"), fields: detail.includes("field") }));
  return EXIT.success;
}
