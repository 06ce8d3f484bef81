import { setTimeout as delay } from "node:timers/promises";
import type { Control } from "#pkg/control";
import type { ControlStore } from "#pkg/store";
import type { WorkEnd } from "#pkg/worker";
import { unitsOf, type NodeRecord, type RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { oneLine } from "./one-line.ts";
import { CLEAR_LINE, type Progress } from "./progress.ts";

const LOOK_MS = 150;
/** Between looks whether the run can move at all. */
const STUCK_LOOK_MS = 2000;
/** Without any sign of a worker for this long people are told. */
const NO_WORKER_MS = 5000;

/** Watches a run that workers execute until it is final or nothing in it can move; on the signal it only stops watching. */
export async function watchRun(
  context: Context,
  { store, control }: { readonly store: ControlStore; readonly control: Control },
  { incarnation, run }: RunRecord,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<WorkEnd> {
  const workers = watchWorkers(context, store);
  let stuckLookAt = context.now();
  for (;;) {
    const record = await store.run(incarnation, run);
    if (record === undefined || record.state !== "running") return "final";
    if (signal.aborted) return "interrupted";
    await progress.tick([]);
    if (context.isTerminal) await drawCounts(context, store, record, progress.timeLeft());
    await workers.look();
    if (context.now() - stuckLookAt >= STUCK_LOOK_MS) {
      stuckLookAt = context.now();
      if (await control.isStuck(incarnation, run)) return "stuck";
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** How much of each running node is done, redrawn in place. */
async function drawCounts(
  context: Context,
  store: ControlStore,
  { incarnation, run }: RunRecord,
  left: string,
): Promise<void> {
  const running = (await store.nodes(incarnation, run)).filter(({ state }) => state === "running");
  const parts: string[] = [];
  for (const record of running) {
    const phase = phaseOf(record);
    if (phase === undefined) continue;
    const key = { incarnation, run, node: record.node, phase };
    const { succeeded, failed } = await store.progress(key);
    parts.push(`${record.node} ${succeeded + failed}/${unitsOf(record, phase)}`);
  }
  parts.push(`time left: ${left}`);
  context.err(`${CLEAR_LINE}${oneLine(parts.join("  "), context.columns - 1)}`);
}

const phaseOf = ({ plan, phase }: NodeRecord) => plan?.phases[phase ?? 0]?.name;

/** Tells once when no worker shows life, because then the run would wait for ever. */
function watchWorkers(context: Context, store: ControlStore): { look(): Promise<void> } {
  let seen = "";
  let livelyAt = context.now();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTold = false;
  return {
    async look() {
      const at = context.now();
      if (isTold || at - lookedAt < NO_WORKER_MS / 5) return;
      lookedAt = at;
      const sessions = await store.sessions();
      const counters = sessions.map(({ session, counter }) => `${session} ${counter}`).join(" ");
      if (counters !== seen && sessions.length > 0) livelyAt = at;
      seen = counters;
      const patience = sessions.length === 0 ? NO_WORKER_MS : NO_WORKER_MS * 6;
      if (at - livelyAt < patience) return;
      isTold = true;
      context.err("no worker shows life; start capidaemon with the same settings\n");
    },
  };
}
