import { setTimeout as delay } from "node:timers/promises";

/** Waits that long, or until one of the promises settles or the signal is raised. */
export async function pause(
  ms: number,
  signal: AbortSignal,
  done: readonly Promise<void>[] = [],
): Promise<void> {
  const timer = new AbortController();
  const timed = delay(ms, undefined, { signal: AbortSignal.any([timer.signal, signal]) });
  await Promise.race([...done, timed.catch(() => undefined)]);
  timer.abort();
}
