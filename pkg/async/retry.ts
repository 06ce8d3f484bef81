import { setTimeout as pause } from "node:timers/promises";
import { isFault } from "#pkg/fault";

export interface RetryOptions {
  /** Pause before each further attempt; as many further attempts as there are pauses. */
  readonly delaysMs: readonly number[];
  /** Aborting ends a pause at once; the error of the last attempt surfaces. */
  readonly signal?: AbortSignal;
}

async function pauseUnlessAborted(
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await pause(delayMs, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}

/** Repeats what failed with a retryable Fault; every other error, and the last one, surfaces. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (const delayMs of options.delaysMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFault(error) || !error.retryable) throw error;
      if (!(await pauseUnlessAborted(delayMs, options.signal))) throw error;
    }
  }
  return attempt();
}
