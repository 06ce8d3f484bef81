import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { ProcessorSettings } from "#pkg/processor";
import type { AccessPolicy } from "#pkg/security";
import { NO_SETTINGS, type TransferSettings } from "#pkg/transfer";
import type { UnitTask } from "#pkg/workflow";
import { runUnits, type RunningUnits } from "./running-units.ts";
import { endLoading, newLoading } from "./thread-loading.ts";
import type { ThreadSettings, ThreadTask } from "./thread-task.ts";

export interface PoolSettings extends Omit<ThreadSettings, "loading" | "transfer"> {
  /** How remote files are reached; public places only when absent. */
  readonly transfer?: TransferSettings;
  readonly threads: number;
  readonly policy: AccessPolicy;
  /** Asked for every unit: the interpreter may have been found meanwhile. */
  readonly processors: () => ProcessorSettings;
}

export interface EngineThreads extends AsyncDisposable {
  /** The most there can be. */
  readonly threads: number;
  /** How many may work at once from now on; a thread starts when it first gets work. */
  use(threads: number): void;
  /**
   * Runs units in a free thread, one after the other. Each throws its own Fault. When the thread dies the pool has a new one; a unit
   * that was alone gets THREAD_DIED, retryable. Of several nobody knows which one did it, so those without an answer are STOPPED.
   */
  run(tasks: readonly UnitTask[], signal: AbortSignal): RunningUnits;
}

const MEGABYTE = 2 ** 20;

/**
 * Engine threads make many arrays of a few hundred kilobytes that die young; a large nursery is collected rarely enough that
 * little of it is still alive, a small one keeps within a small budget.
 */
const nurseryMb = (memory: number): number =>
  Math.min(48, Math.max(8, Math.floor(memory / MEGABYTE / 8)));

/**
 * The engine threads of this process. The first one loads at once, the stores need not be there yet; the others start when they
 * first get work. Disposing again is harmless.
 */
export function openPool(settings: PoolSettings): EngineThreads {
  const { threads, policy, store, memory, processors, transfer = NO_SETTINGS } = settings;
  const loading = newLoading();
  const workerData: ThreadSettings = { store, memory, loading, transfer };
  const piscina = new Piscina({
    filename: fileURLToPath(import.meta.resolve("#worker/thread")),
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 60_000,
    atomics: "disabled",
    resourceLimits: { maxYoungGenerationSizeMb: nurseryMb(memory) },
    workerData,
  });
  const gate = openGate(threads);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await endLoading(loading);
    await piscina.destroy();
  };
  return {
    threads,
    use: gate.use,
    run: (tasks, signal) =>
      runUnits(tasks, signal, (parcel, begun) =>
        gate.pass(() => {
          begun();
          const input: ThreadTask = { ...parcel, policy, processors: processors() };
          return piscina.run(input, { transferList: [parcel.answers] });
        }),
      ),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

interface Gate {
  readonly use: (limit: number) => void;
  readonly pass: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Lets so many pieces of work run at once, the others wait in order; a pool would start a thread for each that waits. */
function openGate(threads: number): Gate {
  const waiting: (() => void)[] = [];
  let limit = threads;
  let running = 0;
  const admit = (): void => {
    for (; running < limit && waiting.length > 0; running++) waiting.shift()?.();
  };
  return {
    use(wanted) {
      limit = Math.min(threads, Math.max(1, wanted));
      admit();
    },
    async pass(work) {
      const admitted = new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      admit();
      await admitted;
      try {
        return await work();
      } finally {
        running -= 1;
        admit();
      }
    },
  };
}
