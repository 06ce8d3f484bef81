import { setTimeout as pause } from "node:timers/promises";

/**
 * Shared by a pool and its threads. A thread that is ended while a native library is being loaded into it aborts the whole
 * process, so a pool that closes waits for threads that have begun to load, and the others do not begin any more.
 */
const WORDS = { begun: 0, ended: 1, closing: 2 } as const;

const POLL_MS = 2;
/** A thread that died while loading never reports; it is waited for no longer than this. */
const POLLS = 5000;

export const newLoading = (): Int32Array => new Int32Array(new SharedArrayBuffer(12));

/** In a thread: what `load` brings; undefined when the pool is already closing, so that no work will come. */
export async function loadInThread<T>(
  loading: Int32Array,
  load: () => Promise<T>,
): Promise<T | undefined> {
  Atomics.add(loading, WORDS.begun, 1);
  try {
    // The order matters: counted first, so that a pool that closes after this look waits for the count.
    return Atomics.load(loading, WORDS.closing) === 0 ? await load() : undefined;
  } finally {
    Atomics.add(loading, WORDS.ended, 1);
  }
}

/** In the pool: resolves when no thread is loading and none will begin to. */
export async function endLoading(loading: Int32Array): Promise<void> {
  Atomics.store(loading, WORDS.closing, 1);
  for (let poll = 0; poll < POLLS && isAnyLoading(loading); poll++) await pause(POLL_MS);
}

const isAnyLoading = (loading: Int32Array): boolean =>
  Atomics.load(loading, WORDS.begun) !== Atomics.load(loading, WORDS.ended);
