import { compareDecimals } from "./decimal.ts";
import type { FieldType } from "./field-type.ts";
import { compareUtf8 } from "./utf8.ts";
import type { DateTime, Decimal, Value } from "./value.ts";

type Order = -1 | 0 | 1;
type Comparable = bigint | number | boolean;

function compareSimple(a: Comparable, b: Comparable): Order {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A total order: both zeros are equal, NaN equals itself and comes last. */
function compareFloats(a: number, b: number): Order {
  if (Number.isNaN(a) || Number.isNaN(b)) return compareSimple(Number.isNaN(a), Number.isNaN(b));
  return compareSimple(a, b);
}

const COMPARE = {
  int: (a, b) => compareSimple(a as bigint, b as bigint),
  float: (a, b) => compareFloats(a as number, b as number),
  decimal2: (a, b) => compareDecimals(a as Decimal, b as Decimal),
  string: (a, b) => compareUtf8(a as string, b as string),
  bool: (a, b) => compareSimple(a as boolean, b as boolean),
  datetime: (a, b) => compareSimple((a as DateTime).ns, (b as DateTime).ns),
} as const satisfies Readonly<Record<FieldType, (a: Value, b: Value) => Order>>;

/**
 * Total order of the values of a type, the one that `keyBytes` keeps: strings by UTF-8 bytes, datetimes by instant,
 * false before true. Unlike the operators of expressions it has a place for NaN and takes strings as they are.
 */
export const compareValues = (type: FieldType, a: Value, b: Value): Order => COMPARE[type](a, b);
