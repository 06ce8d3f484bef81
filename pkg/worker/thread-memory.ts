const MEGABYTE = 2 ** 20;
/** What a process with engine threads needs beside their rows: compiled code, heaps of three isolates, pages of the table store, dead arrays. */
const OWN_NEEDS_MB = 64;

/**
 * Bytes of rows, sorts and caches for each thread of a process that may take so much memory. Of a small budget the half is left for
 * what the process needs beside them.
 */
export const threadMemory = (memoryMb: number, threads: number): number =>
  Math.floor((Math.max(memoryMb - OWN_NEEDS_MB, memoryMb / 2) * MEGABYTE) / threads);
