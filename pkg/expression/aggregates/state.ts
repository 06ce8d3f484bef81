import type { Operand } from "../columns/operand.ts";

/** Rows of one call of `add`: row i goes to group groups[i]. */
export interface Feed {
  readonly groups: Int32Array;
  readonly rows: number;
  readonly value: Operand;
}

/** What an aggregate remembers for each group. */
export interface State {
  grow(groups: number): void;
  add(feed: Feed): void;
  /** One row a group; anything for groups without rows. */
  results(): Operand;
}

export function grownDoubles(
  values: Float64Array,
  groups: number,
  start: number,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(groups).fill(start, values.length);
  result.set(values);
  return result;
}
