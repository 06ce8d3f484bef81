import { decimalToFloat, type Decimal } from "#pkg/value";
import type { Scalar } from "./operation.ts";
import type { Kind } from "./types.ts";

/** Brings a number of the given kind to a double: nearest, ties to even. */
export function toFloat(kind: Kind, value: Scalar): number {
  if (kind === "float") return value as number;
  return kind === "decimal2" ? decimalToFloat(value as Decimal) : Number(value);
}

/** Brings an int or decimal to a decimal, exactly. */
export function toDecimal(kind: Kind, value: Scalar): Decimal {
  return kind === "decimal2" ? (value as Decimal) : { digits: value as bigint, scale: 0 };
}
