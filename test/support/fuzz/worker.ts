import { parentPort, workerData } from "node:worker_threads";
import { isFault } from "#pkg/fault";
import { attemptOf, type Kind, type Seeds } from "./kinds.ts";
import { changed, generator } from "./mutate.ts";

export interface FuzzOrder {
  readonly kind: Kind;
  readonly seed: number;
  readonly from: number;
  readonly rounds: number;
  readonly seeds: Seeds;
  /** The round at work, for whoever watches. */
  readonly progress: Int32Array;
}

export interface FuzzResult {
  readonly defects: readonly string[];
  readonly faults: number;
  readonly slowestMs: number;
}

const MAX_DEFECTS = 5;
const { kind, seed, from, rounds, seeds, progress } = workerData as FuzzOrder;
const attempt = attemptOf[kind](seeds);
const defects: string[] = [];
let faults = 0;
let slowestMs = 0;
for (let round = from; round < from + rounds && defects.length < MAX_DEFECTS; round++) {
  Atomics.store(progress, 0, round);
  const start = performance.now();
  try {
    await attempt(generator(seed + round * 7919), changed);
  } catch (error) {
    if (isFault(error) && error.code !== "INTERNAL") faults += 1;
    else
      defects.push(
        `${kind}, round ${round}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
  }
  slowestMs = Math.max(slowestMs, performance.now() - start);
}
const report = parentPort?.postMessage.bind(parentPort);
report?.({ defects, faults, slowestMs } satisfies FuzzResult);
