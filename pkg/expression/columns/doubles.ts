import type { Decimal } from "#pkg/value";
import type { Scalar } from "../operation.ts";
import type { Kind } from "../types.ts";
import type { Operand } from "./operand.ts";

/** A number operand as doubles: row i is values[i & step], step 0 for a constant; divided by 10^scale for decimals. */
export interface Doubles {
  readonly values: Float64Array;
  readonly step: 0 | -1;
  readonly scale: number;
}

/** Scales up to this are powers of ten that doubles hold exactly. */
const MAX_SCALE = 15;

/** Undefined for forms that are not doubles of that kind exactly. */
export function doublesOf(kind: Kind, operand: Operand): Doubles | undefined {
  switch (operand.form) {
    case "ints":
    case "floats":
      return { values: operand.values, step: -1, scale: 0 };
    case "scaled":
      return { values: operand.values, step: -1, scale: operand.scale };
    case "constant":
      return constantDoubles(kind, operand.value);
    default:
      return undefined;
  }
}

function constantDoubles(kind: Kind, value: Scalar): Doubles | undefined {
  switch (kind) {
    case "int":
    case "length":
      return safe(value as bigint, 0);
    case "float":
      return { values: Float64Array.of(value as number), step: 0, scale: 0 };
    case "decimal2": {
      const { digits, scale } = value as Decimal;
      return scale <= MAX_SCALE ? safe(digits, scale) : undefined;
    }
    default:
      return undefined;
  }
}

function safe(digits: bigint, scale: number): Doubles | undefined {
  const double = Number(digits);
  if (!Number.isSafeInteger(double)) return undefined;
  return { values: Float64Array.of(double), step: 0, scale };
}
