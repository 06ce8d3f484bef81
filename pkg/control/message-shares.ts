import { groupsOf } from "#pkg/store";

/** Consecutive units that one message tells of. */
export interface MessageShare {
  readonly unit: number;
  readonly units: number;
}

/** Before messages get longer there are so many that many workers have one each. */
const MESSAGES = 64;
/** As many as are ever claimed at once. */
const MOST_UNITS = 32;

/**
 * How the units of a phase are told. Groups that are kept together are told together; of a phase of hundreds of units, which are
 * mostly quick, also several small groups, so that a worker need not wait for the broker after every unit.
 */
export function messageShares(count: number): readonly MessageShare[] {
  const most = Math.min(MOST_UNITS, Math.floor(count / MESSAGES));
  const shares: MessageShare[] = [];
  for (const { first, size } of groupsOf(count)) {
    const units = Math.min(size, count - first);
    const last = shares.at(-1);
    if (last !== undefined && last.units + units <= most)
      shares[shares.length - 1] = { unit: last.unit, units: last.units + units };
    else shares.push({ unit: first, units });
  }
  return shares;
}
