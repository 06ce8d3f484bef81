import { setTimeout as delay } from "node:timers/promises";
import { asFault, isFault } from "#pkg/fault";
import type { Claim, Control } from "#pkg/control";
import type { Log } from "#pkg/log";
import type { ControlStore } from "#pkg/store";
import type { RunRecord } from "#pkg/workflow";
import type { EngineThreads, RunningUnit } from "./pool.ts";

export interface WorkDeps {
  readonly store: ControlStore;
  readonly control: Control;
  readonly threads: EngineThreads;
  readonly log: Log;
}

export interface WorkWatch {
  /** Called when something changed and now and then while units run. */
  readonly tick: (active: readonly ActiveUnit[]) => void | Promise<void>;
}

export interface ActiveUnit {
  readonly node: string;
  readonly phase: string;
  readonly unit: number;
  /** Rows done so far. */
  readonly rows: number;
}

/** How the work on a run ended: a final status, nothing left that this run can do by itself, or handed back. */
export type WorkEnd = "final" | "stuck" | "interrupted";

const SHORTEST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;
/** One claim beyond the threads waits in the pool, so that a thread never waits for the store. */
const CLAIMED_AHEAD = 1;

interface Active {
  readonly claim: Claim;
  readonly unit: RunningUnit;
  readonly done: Promise<void>;
}

/**
 * Executes a run in this process, together with other processes that attend it, until it is final or nothing in it can move.
 * On `signal` the units in work are handed back and the run stays unfinished.
 */
export async function workOnRun(
  deps: WorkDeps,
  run: Pick<RunRecord, "incarnation" | "run">,
  watch: WorkWatch,
  signal: AbortSignal,
): Promise<WorkEnd> {
  const active = new Map<string, Active>();
  const units = new AbortController();
  const abort = (): void => units.abort();
  signal.addEventListener("abort", abort, { once: true });
  let wait = SHORTEST_WAIT_MS;
  try {
    await deps.control.advance(run.incarnation, run.run);
    for (;;) {
      const record = await deps.store.run(run.incarnation, run.run);
      if (signal.aborted) return "interrupted";
      if (record === undefined || record.state !== "running") return "final";
      const started = await claimMore(deps, record, active, units.signal);
      await watch.tick(describe(active));
      if (started) wait = SHORTEST_WAIT_MS;
      if (active.size === 0 && !started && (await deps.control.isStuck(run.incarnation, run.run)))
        return "stuck";
      const before = active.size;
      await pause(
        [...active.values()].map(({ done }) => done),
        wait,
        signal,
      );
      wait = active.size < before ? SHORTEST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  } finally {
    units.abort();
    await Promise.all([...active.values()].map(({ done }) => done));
    signal.removeEventListener("abort", abort);
  }
}

const describe = (active: ReadonlyMap<string, Active>): readonly ActiveUnit[] =>
  [...active.values()].map(({ claim, unit }) => ({
    node: claim.key.node,
    phase: claim.key.phase,
    unit: claim.key.unit,
    rows: unit.rows(),
  }));

async function claimMore(
  deps: WorkDeps,
  record: RunRecord,
  active: Map<string, Active>,
  signal: AbortSignal,
): Promise<boolean> {
  let started = false;
  while (active.size < deps.threads.threads + CLAIMED_AHEAD) {
    const claim = await deps.control.claimNext([record]);
    if (claim === undefined) return started;
    started = true;
    const unit = deps.threads.run(claim.task, signal);
    const done = settle(deps, claim, unit, signal).finally(() => active.delete(claim.token));
    active.set(claim.token, { claim, unit, done });
  }
  return started;
}

/** Commits, fails or hands back one unit; a failure of the store itself is logged and left to the lease. */
async function settle(
  deps: WorkDeps,
  claim: Claim,
  unit: RunningUnit,
  signal: AbortSignal,
): Promise<void> {
  try {
    const outcome = await unit.outcome.catch((error: unknown) => asFault(error));
    if (!isFault(outcome)) return void (await deps.control.commit(claim, outcome));
    if (outcome.code === "STOPPED" || signal.aborted)
      return void (await deps.control.handBack(claim));
    deps.log.warn("unit failed", { ...claim.key, code: outcome.code, stack: outcome.stack });
    await deps.control.fail(claim, outcome);
  } catch (error) {
    deps.log.error("a unit could not be settled", { ...claim.key, error: asFault(error).message });
  }
}

async function pause(
  done: readonly Promise<void>[],
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const timer = new AbortController();
  const timed = delay(ms, undefined, { signal: AbortSignal.any([timer.signal, signal]) });
  await Promise.race([...done, timed.catch(() => undefined)]);
  timer.abort();
}
