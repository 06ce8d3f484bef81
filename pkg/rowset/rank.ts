import { sortByNumbers } from "./sort-by-numbers.ts";

/** Numbers that order items as a two-step comparison does: `fold` first; `exact` decides where folds are equal. */
export interface Ranks {
  readonly fold: Float64Array;
  /** Absent when equal folds are always equal items. */
  readonly exact: Float64Array | undefined;
}

type Compare = (i: number, j: number) => number;

export interface Comparison {
  /** Different numbers stand in the order of the items; equal numbers say nothing. Never NaN. */
  readonly hints: Float64Array;
  readonly fold: Compare;
  /** Asked only where `fold` finds no difference. */
  readonly exact: Compare;
}

/** Items in order: by hints first, then each run of equal hints by comparison. */
function sorted({ hints, fold, exact }: Comparison): Int32Array {
  const order = sortByNumbers([hints], hints.length);
  for (let from = 0; from < order.length;) {
    const hint = hints[order[from] as number];
    let to = from + 1;
    while (to < order.length && hints[order[to] as number] === hint) to++;
    if (to - from > 1) order.subarray(from, to).sort((i, j) => fold(i, j) || exact(i, j));
    from = to;
  }
  return order;
}

export function rankBy(comparison: Comparison): Ranks {
  const { hints, fold, exact } = comparison;
  const order = sorted(comparison);
  const folds = new Float64Array(order.length);
  const exacts = new Float64Array(order.length);
  let foldRank = 0;
  let exactRank = 0;
  for (let place = 1; place < order.length; place++) {
    const item = order[place] as number;
    const before = order[place - 1] as number;
    const differs = hints[before] !== hints[item] || fold(before, item) !== 0;
    if (differs) foldRank++;
    if (differs || exact(before, item) !== 0) exactRank++;
    folds[item] = foldRank;
    exacts[item] = exactRank;
  }
  return { fold: folds, exact: foldRank === exactRank ? undefined : exacts };
}
