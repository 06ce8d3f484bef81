import { setTimeout as pause } from "node:timers/promises";
import { isFault } from "#pkg/fault";
import type { TransferLimits } from "./settings.ts";

/** Repeats what fails with a retryable Fault, after the pauses of the settings. */
export async function retrying<T>(
  { retryDelaysMs }: TransferLimits,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delay = retryDelaysMs[attempt];
      if (!isFault(error) || !error.retryable || delay === undefined) throw error;
      await pause(delay);
    }
  }
}
