/**
 * Runs `work` over the items, at most `limit` at a time. A failure starts no further item, waits for what runs, then
 * surfaces; when several fail, the first one does.
 */
export async function forEachLimit<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    while (running.size >= limit) await Promise.race(running);
    if (failures.length > 0) break;
    const task: Promise<unknown> = work(item)
      .catch((error: unknown) => failures.push(error))
      .finally(() => running.delete(task));
    running.add(task);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
