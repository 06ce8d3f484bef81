/**
 * Until the time is over, the signal comes or one of the promises is settled. Without abort signals of its own: they cost more than
 * the rest of a turn of a work loop.
 */
export function pause(
  ms: number,
  signal: AbortSignal,
  until: readonly Promise<void>[] = [],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
    };
    const wake = (): void => {
      end();
      resolve();
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake, { once: true });
    if (signal.aborted) wake();
    for (const each of until) void each.then(wake, fail);
  });
}
