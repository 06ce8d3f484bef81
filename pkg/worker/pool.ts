import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { asFault, Fault, fromRecord } from "#pkg/fault";
import type { UnitTask } from "#pkg/engine";
import type { AccessPolicy } from "#pkg/security";
import type { UnitOutcome } from "#pkg/workflow";
import { SIGNALS, type ThreadAnswer, type ThreadSettings } from "./thread-task.ts";

export interface PoolSettings extends ThreadSettings {
  readonly threads: number;
  readonly policy: AccessPolicy;
}

export interface EngineThreads extends AsyncDisposable {
  readonly threads: number;
  /**
   * Runs one unit in a free thread. Throws the unit's Fault; a thread that died is INTERNAL and retryable, and the pool has a
   * new one. `onRows` tells the rows done so far, now and then.
   */
  run(task: UnitTask, signal: AbortSignal): RunningUnit;
}

export interface RunningUnit {
  readonly outcome: Promise<UnitOutcome>;
  /** Rows done so far. */
  rows(): number;
}

/**
 * Engine threads make many arrays of a few hundred kilobytes that die young; a nursery this large is collected rarely enough
 * that little of it is still alive.
 */
const YOUNG_GENERATION_MB = 64;

/** The engine threads of this process; they start when they first get work. */
export function openPool(settings: PoolSettings): EngineThreads {
  const { threads, policy, folder, memory } = settings;
  const workerData: ThreadSettings = { folder, memory };
  const piscina = new Piscina({
    filename: fileURLToPath(import.meta.resolve("#worker/thread")),
    minThreads: Math.min(threads, 1),
    maxThreads: threads,
    idleTimeout: 60_000,
    atomics: "disabled",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    workerData,
  });
  return {
    threads,
    run(task, signal) {
      const signals = new Int32Array(new SharedArrayBuffer(8));
      const stop = (): unknown => Atomics.store(signals, SIGNALS.stop, 1);
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      const answer = piscina.run({ task, policy, signals }) as Promise<ThreadAnswer>;
      return {
        outcome: answer
          .then(outcomeOf, threadDied)
          .finally(() => signal.removeEventListener("abort", stop)),
        rows: () => Atomics.load(signals, SIGNALS.rows),
      };
    },
    [Symbol.asyncDispose]: () => piscina.destroy(),
  };
}

function outcomeOf(answer: ThreadAnswer): UnitOutcome {
  if ("outcome" in answer) return answer.outcome;
  const fault = fromRecord(answer.fault);
  fault.stack = answer.stack;
  throw fault;
}

function threadDied(error: unknown): never {
  const cause = asFault(error);
  throw new Fault("THREAD_DIED", `the engine thread ended: ${cause.message}`, {
    cause,
    retryable: true,
  });
}
