import { setTimeout as delay } from "node:timers/promises";
import { asFault, isFault, type Fault, type FaultCode } from "#pkg/fault";
import type { Claim, Control } from "#pkg/control";
import type { Log } from "#pkg/log";
import type { ControlStore } from "#pkg/store";
import type { FrozenInput, RunRecord } from "#pkg/workflow";
import type { EngineThreads, RunningUnit } from "./pool.ts";

export interface WorkDeps {
  readonly store: ControlStore;
  readonly control: Control;
  readonly threads: EngineThreads;
  readonly log: Log;
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number;
  /**
   * How many threads are worth starting for so many bytes of input. A thread that begins compiles everything anew, which costs
   * more than it brings on small work; whatever is still at work later gets all of them.
   */
  readonly threadsFor: (inputBytes: number) => number;
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
/** Work that takes longer than this gets every thread. */
const ALL_THREADS_AFTER_MS = 1500;
/** One claim beyond the threads waits in the pool, so that a thread never waits for the store. */
const CLAIMED_AHEAD = 1;

/** Faults after which this process cannot go on; the run stays unfinished and can be resumed. */
const STORE_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "DISK_FULL",
  "STORE_UNAVAILABLE",
  "STORE_DAMAGED",
  "STORE_VERSION",
  "LEASE_LOST",
]);

interface Active {
  readonly claim: Claim;
  readonly unit: RunningUnit;
  readonly done: Promise<void>;
}

/** What the parts of one loop share. */
interface Loop {
  readonly deps: WorkDeps;
  readonly active: Map<string, Active>;
  /** Aborts the units in work. */
  readonly units: AbortController;
  readonly startedAt: number;
  /** Threads to use at the beginning. */
  readonly firstThreads: number;
  /** The fault after which this process cannot go on. */
  trouble: Fault | undefined;
}

/**
 * Executes a run in this process, together with other processes that attend it, until it is final or nothing in it can move.
 * On `signal` the units in work are handed back and the run stays unfinished; the same when the store fails, whose Fault is
 * thrown then.
 */
export async function workOnRun(
  deps: WorkDeps,
  run: Pick<RunRecord, "incarnation" | "run" | "documents">,
  watch: WorkWatch,
  signal: AbortSignal,
): Promise<WorkEnd> {
  const loop: Loop = {
    deps,
    active: new Map(),
    units: new AbortController(),
    startedAt: deps.monotonic(),
    firstThreads: deps.threadsFor(await inputBytes(deps, run.documents.inputs)),
    trouble: undefined,
  };
  const abort = (): void => loop.units.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await deps.control.advance(run.incarnation, run.run);
    return await workUntilEnd(loop, run, watch, signal);
  } finally {
    abort();
    await Promise.all(doneOf(loop));
    signal.removeEventListener("abort", abort);
  }
}

async function inputBytes({ store }: WorkDeps, document: string): Promise<number> {
  const inputs = JSON.parse(await store.document(document)) as readonly FrozenInput[];
  return inputs.reduce((sum, { size }) => sum + size, 0);
}

function threadsNow({ deps, startedAt, firstThreads }: Loop): number {
  const { threads } = deps.threads;
  return deps.monotonic() - startedAt > ALL_THREADS_AFTER_MS
    ? threads
    : Math.min(threads, firstThreads);
}

const doneOf = ({ active }: Loop): readonly Promise<void>[] =>
  [...active.values()].map(({ done }) => done);

async function workUntilEnd(
  loop: Loop,
  run: Pick<RunRecord, "incarnation" | "run">,
  watch: WorkWatch,
  signal: AbortSignal,
): Promise<WorkEnd> {
  const { store, control } = loop.deps;
  let wait = SHORTEST_WAIT_MS;
  for (;;) {
    const record = await store.run(run.incarnation, run.run);
    if (signal.aborted) return "interrupted";
    if (record === undefined || record.state !== "running") return "final";
    const started = await claimMore(loop, record);
    await watch.tick(describe(loop.active));
    if (started) wait = SHORTEST_WAIT_MS;
    const idle = loop.active.size === 0 && !started;
    if (idle && (await control.isStuck(run.incarnation, run.run))) return "stuck";
    const before = loop.active.size;
    await pause(doneOf(loop), wait, signal);
    if (loop.trouble !== undefined) throw loop.trouble;
    wait = loop.active.size < before ? SHORTEST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

const describe = (active: ReadonlyMap<string, Active>): readonly ActiveUnit[] =>
  [...active.values()].map(({ claim, unit }) => ({
    node: claim.key.node,
    phase: claim.key.phase,
    unit: claim.key.unit,
    rows: unit.rows(),
  }));

async function claimMore(loop: Loop, record: RunRecord): Promise<boolean> {
  const { deps, active, units } = loop;
  const threads = threadsNow(loop);
  deps.threads.use(threads);
  let started = false;
  while (active.size < threads + CLAIMED_AHEAD) {
    const claim = await deps.control.claimNext([record]);
    if (claim === undefined) return started;
    started = true;
    const unit = deps.threads.run(claim.task, units.signal);
    const done = settle(loop, claim, unit).finally(() => active.delete(claim.token));
    active.set(claim.token, { claim, unit, done });
  }
  return started;
}

/** Commits, fails or hands back one unit. When even that fails, the unit is left to the lease and the loop ends. */
async function settle(loop: Loop, claim: Claim, unit: RunningUnit): Promise<void> {
  const { control, log } = loop.deps;
  try {
    const outcome = await unit.outcome.catch((error: unknown) => asFault(error));
    if (!isFault(outcome)) return void (await control.commit(claim, outcome));
    if (outcome.code === "STOPPED" || loop.units.signal.aborted)
      return void (await control.handBack(claim));
    log.warn("unit failed", { ...claim.key, code: outcome.code, stack: outcome.stack });
    if (STORE_FAULTS.has(outcome.code)) loop.trouble ??= outcome;
    await control.fail(claim, outcome);
  } catch (error) {
    loop.trouble ??= asFault(error);
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
