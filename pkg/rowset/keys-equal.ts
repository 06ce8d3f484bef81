import type { Column, IntColumn, Integers, StringColumn } from "./column.ts";

/** Whether row i of one key has the values of row j of the other. */
export type KeyMatcher = (i: number, j: number) => boolean;

/** Integers in either form, hundredths, milliseconds, and the bytes of bools. */
function matchNumbers(a: Integers, b: Integers): KeyMatcher {
  if (!(a instanceof BigInt64Array || b instanceof BigInt64Array)) return (i, j) => a[i] === b[j];
  // Loose equality compares a bigint with a number by mathematical value.
  return (i, j) => a[i] == b[j];
}

function matchFloats(a: Float64Array, b: Float64Array): KeyMatcher {
  return (i, j) => {
    const left = a[i] as number;
    const right = b[j] as number;
    return left === right || (Number.isNaN(left) && Number.isNaN(right));
  };
}

function matchStrings(a: StringColumn, b: StringColumn): KeyMatcher {
  const shared = a.offsets === b.offsets && a.bytes === b.bytes;
  return (i, j) => {
    const left = a.codes === undefined ? i : (a.codes[i] as number);
    const right = b.codes === undefined ? j : (b.codes[j] as number);
    if (shared && left === right) return true;
    let at = a.offsets[left] as number;
    let other = b.offsets[right] as number;
    const end = a.offsets[left + 1] as number;
    if (end - at !== (b.offsets[right + 1] as number) - other) return false;
    while (at < end) if (a.bytes[at++] !== b.bytes[other++]) return false;
    return true;
  };
}

function matchColumns(a: Column, b: Column): KeyMatcher {
  if (a.type === "string" && b.type === "string") return matchStrings(a, b);
  if (a.type === "float" && b.type === "float") return matchFloats(a.values, b.values);
  return matchNumbers((a as IntColumn).values, (b as IntColumn).values);
}

/** Exact typed equality (design 5): one zero, one NaN. Both keys have the same types, maybe in different forms. */
export function keyMatcher(a: readonly Column[], b: readonly Column[]): KeyMatcher {
  const matchers = a.map((column, index) => matchColumns(column, b[index] as Column));
  const [first, second] = matchers;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (matchers.length === 2) return (i, j) => first(i, j) && second(i, j);
  return (i, j) => matchers.every((matches) => matches(i, j));
}

/** For single comparisons; loops over rows compile a keyMatcher once. */
export const keysEqual = (
  a: readonly Column[],
  i: number,
  b: readonly Column[],
  j: number,
): boolean => keyMatcher(a, b)(i, j);
