import type { Context } from "./context.ts";
import { executeNewRun, type NewRun } from "./execute.ts";
import type { Execution } from "./executor.ts";

/** Executes the run and prints its number and how long it took, whatever became of it; the exit code says that. */
export async function executeNode(
  context: Context,
  request: NewRun,
  execution: Execution,
): Promise<number> {
  const startedAt = context.now();
  const started: number[] = [];
  const code = await executeNewRun(
    context,
    { ...request, onStarted: ({ run }) => started.push(run) },
    execution,
  );
  const elapsed = ((context.now() - startedAt) / 1000).toFixed(3);
  if (!execution.json) context.out(`run ${started.join("")}, elapsed ${elapsed}s\n`);
  return code;
}
