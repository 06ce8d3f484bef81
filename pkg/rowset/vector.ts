import type { DateTime, Decimal } from "#pkg/value";
import type { Column } from "./column.ts";

/** Decimals with more than two digits or beyond 64-bit hundredths; only inside one node, before storage. */
export interface ExactDecimals {
  readonly type: "decimal2";
  readonly exact: readonly Decimal[];
}

/** Instants with nanoseconds and zones; only inside one node, before storage. */
export interface ExactDatetimes {
  readonly type: "datetime";
  readonly exact: readonly DateTime[];
}

/** Values inside one node: table columns, or exact forms that storage will normalise. */
export type Vector = Column | ExactDecimals | ExactDatetimes;

/** True for the forms that live only inside one node and that storage will normalise. */
export const isExact = (vector: Vector): vector is ExactDecimals | ExactDatetimes =>
  "exact" in vector;
