import type { NumberedUnit } from "#pkg/workflow";

/**
 * Where this process looks for the next unit of one phase: first what is known to be free, then every unit once, starting at
 * a place of its own so that processes seldom meet, then whatever a listing of the phase shows.
 */
export interface UnitSearch {
  /** A unit to try to claim, undefined when a listing is needed first. */
  next(units: number, at: number): number | undefined;
  /** Whether enough time has passed since the last listing. */
  mayList(at: number): boolean;
  /** Units without a record are free; those known to rest become free at their time. */
  listed(units: number, found: readonly NumberedUnit[], at: number): void;
  /** The unit may be tried again from that time on. */
  free(unit: number, from: number): void;
}

export interface SearchSettings {
  /** Any whole number; decides where the search begins. */
  readonly offset: number;
  readonly scanMs: number;
}

export function openUnitSearch({ offset, scanMs }: SearchSettings): UnitSearch {
  const free = new Map<number, number>();
  let tried = 0;
  let known = 0;
  let listedAt = Number.NEGATIVE_INFINITY;
  return {
    next(units, at) {
      for (const [unit, from] of free)
        if (from <= at) {
          free.delete(unit);
          return unit;
        }
      if (units !== known) tried = 0;
      known = units;
      if (tried >= units) return undefined;
      const unit = (offset + tried) % units;
      tried += 1;
      return unit;
    },
    mayList: (at) => at - listedAt >= scanMs,
    listed(units, found, at) {
      listedAt = at;
      const taken = new Set(found.map(({ unit }) => unit));
      for (let unit = 0; unit < units; unit += 1) {
        if (taken.has(unit)) free.delete(unit);
        else if (!free.has(unit)) free.set(unit, at);
      }
    },
    free: (unit, from) => void free.set(unit, from),
  };
}
