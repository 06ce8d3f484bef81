import type { Driver } from "#pkg/store/cassandra";
import { timedOut } from "./failing-driver.ts";

/** What becomes of a write whose sender hears of a time-out. */
const FATES = ["applied", "later", "never"] as const;
export type Fate = (typeof FATES)[number];

export interface DoubtfulDriver {
  readonly wrap: (driver: Driver) => Driver;
  /** How many writes had each fate. */
  readonly counts: Readonly<Record<Fate, number>>;
  /** Resolves when no write is on its way any more. */
  readonly settled: () => Promise<void>;
}

/**
 * Half of the statements that match end with a time-out: the write was applied, or is applied when other statements have been sent
 * meanwhile, or never is. `random` gives numbers from 0 to 1.
 */
export function doubtfulDriver(matching: RegExp, random: () => number): DoubtfulDriver {
  const counts = { applied: 0, later: 0, never: 0 };
  const onTheirWay = new Set<Promise<unknown>>();
  const later: (() => void)[] = [];
  const doubted = async (act: () => Promise<unknown>): Promise<never> => {
    const fate = FATES[Math.floor(random() * FATES.length)] ?? "never";
    counts[fate] += 1;
    if (fate === "applied") await act();
    if (fate === "later")
      later.push(() => {
        const late = act()
          .catch(() => undefined)
          .finally(() => onTheirWay.delete(late));
        onTheirWay.add(late);
      });
    throw timedOut();
  };
  const sendLate = (): void => {
    for (const send of later.splice(0)) send();
  };
  return {
    wrap: (driver) => ({
      execute(text, parameters, options) {
        const act = () => driver.execute(text, parameters, options);
        if (random() < 0.5) sendLate();
        return matching.test(text) && random() < 0.5 ? doubted(act) : act();
      },
      batch: (queries, options) => driver.batch(queries, options),
    }),
    counts,
    async settled() {
      sendLate();
      await Promise.all(onTheirWay);
    },
  };
}
