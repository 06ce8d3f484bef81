import type { Control } from "#pkg/control";
import type { Fault } from "#pkg/fault";
import type { Log } from "#pkg/log";
import type { ControlStore } from "#pkg/store";
import type { FrozenInput, RunRecord } from "#pkg/workflow";
import { pause } from "./pause.ts";
import type { EngineThreads } from "./pool.ts";
import { UnitsAtWork, type ActiveUnit } from "./units-at-work.ts";

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

/** How the work on a run ended: a final status, nothing left that this run can do by itself, or handed back. */
export type WorkEnd = "final" | "stuck" | "interrupted";

const SHORTEST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;
/** Work that takes longer than this gets every thread. */
const ALL_THREADS_AFTER_MS = 2500;
/** One claim beyond the threads waits in the pool, so that a thread never waits for the store. */
const CLAIMED_AHEAD = 1;

/** What the parts of one loop share. */
interface Loop {
  readonly deps: WorkDeps;
  readonly units: UnitsAtWork;
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
    // Without its store this process ends; its units are left to whoever resumes.
    units: new UnitsAtWork(deps, (fault) => {
      loop.trouble ??= fault;
      return false;
    }),
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
    await Promise.all(loop.units.done());
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
    const { ended } = loop.units;
    const { started, isFull } = await claimMore(loop, record);
    await watch.tick(loop.units.describe());
    if (started) wait = SHORTEST_WAIT_MS;
    const idle = loop.units.size === 0 && !started;
    if (idle && (await control.isStuck(run.incarnation, run.run))) return "stuck";
    const before = loop.units.size;
    // The next claim and the commit of what a thread answered are one write of the store. When there was nothing to claim, only
    // what commits bring can change that.
    await pause(wait, signal, isFull ? loop.units.answers() : loop.units.doneSince(ended));
    if (loop.trouble !== undefined) throw loop.trouble;
    wait = loop.units.size < before ? SHORTEST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

interface Claimed {
  readonly started: boolean;
  /** Every thread has something to do, and there may be more. */
  readonly isFull: boolean;
}

async function claimMore(loop: Loop, record: RunRecord): Promise<Claimed> {
  const { deps, units } = loop;
  const threads = threadsNow(loop);
  deps.threads.use(threads);
  let started = false;
  while (units.inThreads < threads + CLAIMED_AHEAD) {
    const claims = await deps.control.claimNext([record], (phase) => units.pace.most(phase));
    if (claims.length === 0) return { started, isFull: false };
    started = true;
    void units.start(claims);
  }
  return { started, isFull: true };
}
