import { orderKeys, type OrderPart } from "./order-keys.ts";
import { sortByNumbers } from "./sort-by-numbers.ts";
import type { Vector } from "./vector.ts";

export type RowComparator = (i: number, j: number) => number;

const directed = (keys: Float64Array, descending: boolean): Float64Array =>
  descending ? keys.map((key) => -key) : keys;

/** Numbers to compare one after the other: folds of all components, then exact forms of those that need them. */
function comparisonKeys(
  columns: readonly Vector[],
  parts: readonly OrderPart[],
): readonly Float64Array[] {
  const folds: Float64Array[] = [];
  const exacts: Float64Array[] = [];
  parts.forEach((part, index) => {
    const { fold, exact } = orderKeys(columns[index] as Vector, part);
    folds.push(directed(fold, part.descending));
    if (exact !== undefined) exacts.push(directed(exact, part.descending));
  });
  return [...folds, ...exacts];
}

const compareNumbers = (a: number, b: number): number => (a < b ? -1 : Number(a > b));

function comparatorOf(keys: readonly Float64Array[]): RowComparator {
  const [first, ...rest] = keys;
  if (first === undefined) return () => 0;
  if (rest.length === 0) return (i, j) => compareNumbers(first[i] as number, first[j] as number);
  return (i, j) => {
    let order = compareNumbers(first[i] as number, first[j] as number);
    for (let key = 0; order === 0 && key < rest.length; key++) {
      const values = rest[key] as Float64Array;
      order = compareNumbers(values[i] as number, values[j] as number);
    }
    return order;
  };
}

/**
 * Order of rows (design 5): all components in the reference's folded form, then, only if all are equal, exact texts and
 * numbers in component order; descending components reversed. 0 leaves it to the row id. The work per distinct text is
 * done here, once; the result only compares numbers.
 */
export const orderComparator = (
  columns: readonly Vector[],
  parts: readonly OrderPart[],
): RowComparator => comparatorOf(comparisonKeys(columns, parts));

/** Row positions in that order; ties by position. Linear time once distinct texts are ranked. */
export const sortPermutation = (
  columns: readonly Vector[],
  parts: readonly OrderPart[],
  rows: number,
): Int32Array => sortByNumbers(comparisonKeys(columns, parts), rows);
