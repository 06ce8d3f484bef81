import type { FieldType } from "./field-type.ts";

/** Exact decimal: digits / 10^scale. Not normalised: 1.10 and 1.1 are equal values with different scales. */
export interface Decimal {
  readonly digits: bigint;
  /** Number of digits after the point, 0 or more. */
  readonly scale: number;
}

/** An instant with the zone it was written in; layouts and time functions see the zone, comparison does not. */
export interface DateTime {
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  readonly ns: bigint;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** Zone name, "UTC" for UTC, "" for a zone without a name. */
  readonly zone: string;
}

/** One value outside columns: int as bigint (signed 64-bit), float as number, the others as their name says. */
export type Value = bigint | number | Decimal | string | boolean | DateTime;

export interface ValueOf {
  int: bigint;
  float: number;
  decimal2: Decimal;
  string: string;
  bool: boolean;
  datetime: DateTime;
}

/** 0001-01-01T00:00:00Z, the default of datetime. */
export const DEFAULT_DATETIME_MS = -62_135_596_800_000;

const DEFAULTS = {
  int: 0n,
  float: 0,
  decimal2: { digits: 0n, scale: 0 },
  string: "",
  bool: false,
  datetime: { ns: BigInt(DEFAULT_DATETIME_MS) * 1_000_000n, offset: 0, zone: "UTC" },
} as const satisfies { readonly [Type in FieldType]: ValueOf[Type] };

/** The value a field has when nothing is available (spec/expressions.md 5.6). */
export const defaultValue = <Type extends FieldType>(type: Type): ValueOf[Type] => DEFAULTS[type];
