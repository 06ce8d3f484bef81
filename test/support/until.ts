import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** The first value of the probe that is not undefined; fails, naming what was awaited, when none comes in time. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`it did not come to this in time: ${what}`);
    await pause(POLL_MS);
  }
}
