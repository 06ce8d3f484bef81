import { setTimeout as pause } from "node:timers/promises";
import { isUnheard } from "./classify-error.ts";

export const UNHEARD_MS = 20_000;
const FIRST_PAUSE_MS = 25;
const LAST_PAUSE_MS = 1000;

/**
 * Sends a statement about a table that was made a moment ago. On a ring a node that was away, or too busy to answer, may be asked before
 * it has heard of the table, and refuses. Then the statement is sent again, each time to the next node, as the driver takes turns.
 * Throws the last refusal when `isThere` says no, or when it has taken too long.
 */
export async function untilHeard<T>(
  send: () => Promise<T>,
  isThere: () => Promise<boolean>,
  longestMs = UNHEARD_MS,
): Promise<T> {
  const deadline = performance.now() + longestMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LAST_PAUSE_MS)) {
    try {
      return await send();
    } catch (error) {
      const isLate = performance.now() + wait > deadline;
      if (!isUnheard(error) || isLate || !(await isThere())) throw error;
    }
    await pause(wait);
  }
}
