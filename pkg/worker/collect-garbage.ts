import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8 lets dead arrays of a thread lie until there are so many bytes of them, whatever else was asked of it. */
const V8_LETS_LIE = 64 << 20;

/**
 * What a thread with a small budget calls between blocks of rows, so that arrays nobody has any more do not take a budget's worth of
 * memory again: it collects garbage when half of the budget has been added since the last time. A larger budget leaves that to V8.
 */
export function collectorOf(memory: number): () => void {
  const most = memory / 2;
  if (most >= V8_LETS_LIE) return () => {};
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  let kept = externalBytes();
  return () => {
    if (externalBytes() - kept < most) return;
    collect({ type: "minor" });
    if (externalBytes() - kept > most / 2) collect();
    kept = externalBytes();
  };
}

const externalBytes = (): number => getHeapStatistics().external_memory;
