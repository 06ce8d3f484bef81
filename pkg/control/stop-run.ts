import { Fault } from "#pkg/fault";
import { RUN_TRANSITIONS, type RunRecord } from "#pkg/workflow";
import { advance } from "./advance.ts";
import type { Context } from "./context.ts";
import type { RunKey } from "./ports.ts";
import { summarise } from "./summary.ts";

/** Final and answered at once; running units notice at chunk borders. False: it was stopped before. Throws RUN_MISSING. */
export async function stopRun(context: Context, key: RunKey, comment: string): Promise<boolean> {
  const stopped = await markStopped(context, key, comment);
  await advance(context, key);
  const nodes = await context.store.nodes(key.incarnation, key.run);
  const run = await context.store.run(key.incarnation, key.run);
  if (run !== undefined) await summarise(context, run, nodes);
  return stopped;
}

/** Stop wins against everything that has not ended yet, and invalidates what has (design 4.5). */
async function markStopped(context: Context, key: RunKey, comment: string): Promise<boolean> {
  for (let seen = 0; ;) {
    const run = await context.store.run(key.incarnation, key.run);
    if (run === undefined)
      throw new Fault("RUN_MISSING", `there is no run ${key.run}`, { facts: { run: key.run } });
    const state = RUN_TRANSITIONS[run.state].stop;
    // The same version twice: the keyspace is being dropped, nothing can be written any more.
    if (state === "refused" || run.version === seen) return false;
    seen = run.version;
    const at = context.now();
    const next: RunRecord = {
      ...run,
      state,
      comment,
      epoch: run.epoch + 1,
      endedAt: run.endedAt ?? at,
      stoppedAt: at,
      version: run.version + 1,
    };
    if (await context.store.updateRun(next, { at, kind: "stop", text: comment })) return true;
  }
}
