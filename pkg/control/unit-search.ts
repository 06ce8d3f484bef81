import type { OpenUnit } from "#pkg/store";

/**
 * Where this process looks for the next unit of one phase: first what is known to be free, then unit after unit, starting at
 * a place of its own so that processes seldom meet, and from the first refusal on only what a listing of the phase shows:
 * asking for units that others have costs as much as claiming them.
 */
export interface UnitSearch {
  /** At most so many units to try to claim together, none when a listing is needed first. */
  next(units: number, most: number, at: number): readonly number[];
  /** Of the units tried last some belong to somebody else. */
  refused(units: number): void;
  /** Whether enough time has passed since the last listing. */
  mayList(at: number): boolean;
  /** Units without a record are free; those known to rest become free at their time. */
  listed(units: number, open: readonly OpenUnit[], at: number): void;
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
    next(units, most, at) {
      const found: number[] = [];
      for (const [unit, from] of free) {
        if (found.length === most) return found;
        if (from > at) continue;
        free.delete(unit);
        found.push(unit);
      }
      if (found.length > 0) return found;
      if (units !== known) tried = 0;
      known = units;
      for (; tried < units && found.length < most; tried += 1) found.push((offset + tried) % units);
      return found;
    },
    refused(units) {
      tried = units;
    },
    mayList: (at) => at - listedAt >= scanMs,
    listed(units, open, at) {
      listedAt = at;
      const pending = new Set(open.flatMap(({ unit, record }) => (record ? [] : [unit])));
      for (const unit of free.keys()) if (!pending.has(unit)) free.delete(unit);
      for (let step = 0; step < units; step += 1) {
        const unit = (offset + step) % units;
        if (pending.has(unit) && !free.has(unit)) free.set(unit, at);
      }
    },
    free: (unit, from) => void free.set(unit, from),
  };
}
