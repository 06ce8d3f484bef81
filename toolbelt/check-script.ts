import { asFault, toRecord } from "#pkg/fault";
import { loadScript } from "#pkg/operator";
import { formatProblems, type Problem } from "#pkg/script";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { readingFor } from "./files-for.ts";

export interface CheckRequest {
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
  const problems = await problemsOf(context, request);
  const bad = problems.some(({ severity }) => style.strict || severity === "error");
  if (style.json) context.out(`${JSON.stringify({ valid: !bad, problems })}\n`);
  else if (problems.length > 0) context.err(`${formatProblems(problems)}\n`);
  if (!bad && !style.json) context.out(`${request.scriptUrl}: valid\n`);
  return bad ? EXIT.misuse : EXIT.success;
}

async function problemsOf(context: Context, request: CheckRequest): Promise<readonly Problem[]> {
  try {
    return (await loadScript(await readingFor(context), request)).warnings;
  } catch (error) {
    const { facts } = toRecord(error);
    if (Array.isArray(facts["problems"])) return facts["problems"] as readonly Problem[];
    throw asFault(error);
  }
}
