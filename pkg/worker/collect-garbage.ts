import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8 lets dead arrays of a thread lie until there are so many bytes of them, whatever else was asked of it. */
const V8_LETS_LIE = 64 << 20;
/** For threads with so much V8 by itself is as good. */
const PLENTY = 2 * V8_LETS_LIE;

/**
 * What a thread with a small budget calls wherever arrays come and go, so that arrays nobody has any more do not take a budget's
 * worth of memory again: it collects garbage when a quarter of the budget has been added to the least that was kept since the last
 * time, the old generation too when the young one was not enough. A larger budget leaves all that to V8: undefined.
 */
export function collectorOf(memory: number): (() => void) | undefined {
  if (memory >= PLENTY) return undefined;
  const most = memory / 4;
  setFlagsFromString("--expose-gc");
  // Else another thread frees the arrays after the collection, on a busy machine after this one has made as many again.
  setFlagsFromString("--no-concurrent-array-buffer-sweeping");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  let kept = externalBytes();
  return () => {
    const now = externalBytes();
    kept = Math.min(kept, now);
    if (now - kept < most) return;
    collect({ type: "minor" });
    if (externalBytes() - kept > most / 2) collect();
    kept = externalBytes();
  };
}

const externalBytes = (): number => getHeapStatistics().external_memory;
