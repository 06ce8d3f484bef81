const MEGABYTE = 2 ** 20;
/** What a process with engine threads needs beside their rows: compiled code, heaps of the isolates, pages of the table store, dead arrays. */
const OWN_NEEDS_MB = 80;
const LEAST_SHARE = 0.4;
/** From here on every core gets a thread; below, each thread brings its own dead arrays and heap into what little there is. */
const PLENTY_MB = 512;
const THREAD_MB = 128;

/**
 * Bytes of rows, sorts and caches for each thread of a process that may take so much memory. Most of a small budget is left for
 * what the process needs beside them.
 */
export const threadMemory = (memoryMb: number, threads: number): number =>
  Math.floor((Math.max(memoryMb - OWN_NEEDS_MB, memoryMb * LEAST_SHARE) * MEGABYTE) / threads);

/** Engine threads when nobody asked for a number: one a core, with little memory one for each 128 MB. */
export const defaultThreads = (cores: number, memoryMb: number): number =>
  memoryMb >= PLENTY_MB ? cores : Math.max(1, Math.min(cores, Math.floor(memoryMb / THREAD_MB)));
