/** Numbers that order items as a two-step comparison does: `fold` first; `exact` decides where folds are equal. */
export interface Ranks {
  readonly fold: Float64Array;
  /** Absent when equal folds are always equal items. */
  readonly exact: Float64Array | undefined;
}

type Compare = (i: number, j: number) => number;

/** Ranks of items 0 up to count by one sort. `exact` is asked only where `fold` finds no difference. */
export function rankBy(count: number, fold: Compare, exact: Compare): Ranks {
  const order = new Int32Array(count);
  for (let item = 0; item < count; item++) order[item] = item;
  order.sort((i, j) => fold(i, j) || exact(i, j));
  const folds = new Float64Array(count);
  const exacts = new Float64Array(count);
  let foldRank = 0;
  let exactRank = 0;
  for (let place = 1; place < count; place++) {
    const item = order[place] as number;
    const before = order[place - 1] as number;
    const differs = fold(before, item) !== 0;
    if (differs) foldRank++;
    if (differs || exact(before, item) !== 0) exactRank++;
    folds[item] = foldRank;
    exacts[item] = exactRank;
  }
  return { fold: folds, exact: foldRank === exactRank ? undefined : exacts };
}
