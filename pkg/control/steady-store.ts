import { isFault } from "#pkg/fault";
import type { ControlStore } from "#pkg/store";

const DELAYS_MS = [50, 200, 800] as const;

/**
 * The store with unknown outcomes resolved: a call that ended with a retryable fault is made again, the same statement with
 * the same tokens and versions, which answers the same (design 4.3). What still fails then surfaces.
 */
export function steadyStore(
  store: ControlStore,
  pause: (milliseconds: number) => Promise<void>,
): ControlStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        for (const delay of DELAYS_MS)
          try {
            return await (Reflect.apply(member, target, args) as Promise<unknown>);
          } catch (error) {
            if (!isFault(error) || !error.retryable) throw error;
            await pause(delay);
          }
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}
