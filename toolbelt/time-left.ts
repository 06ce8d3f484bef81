import { estimateRun, pastRuns } from "#pkg/operator";
import type { ControlStore } from "#pkg/store";
import type { PastRun, Range, RunRecord } from "#pkg/workflow";
import { duration, rangeText } from "./show-summary.ts";

/** For people; "unknown" with fewer than three earlier runs of the same nodes. */
export const timeLeftText = (left: Range | undefined): string =>
  left === undefined ? "unknown" : `about ${rangeText(left, duration)}`;

export interface TimeLeft {
  /** Undefined: unknown. */
  readonly estimate: (run: RunRecord) => Promise<Range | undefined>;
}

/** Earlier runs are read once, the state of the run each time. */
export function openTimeLeft(store: ControlStore): TimeLeft {
  let past: readonly PastRun[] | undefined;
  return {
    async estimate(run) {
      past ??= await pastRuns(store, run, run);
      return estimateRun(store, run, past);
    },
  };
}
