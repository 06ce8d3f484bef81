import type { RunConstants } from "#pkg/workflow";
import type { Random } from "./random.ts";

/** Constants of a run that send a few rows through every plan there is. */
export const randomConstants = (random: Random): RunConstants => ({
  chunkRows: random.pick([1, 2, 3, 7, 1000]),
  chunkBytes: random.pick([1024, 90_000]),
  rangeSize: random.pick([10, 23, 60, 200, 2 ** 26]),
  broadcastLimit: random.pick([0, 1, 300, 2 ** 25]),
  partitions: random.pick([0, 1, 2, 4, 16]),
});

/** Bytes for rows, indexes and sorts: next to nothing, so that everything spills, up to more than enough. */
export const randomMemory = (random: Random): number =>
  random.pick([1, 2 ** 10, 2 ** 14, 2 ** 20, 2 ** 28]);
