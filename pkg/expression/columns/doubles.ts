import { dateTimeToMs, type DateTime, type Decimal } from "#pkg/value";
import type { Scalar } from "../operation.ts";
import { toFloat } from "../promote.ts";
import type { Kind } from "../types.ts";
import type { Operand } from "./operand.ts";

/** A number operand as doubles: row i is values[i & step], step 0 for a constant; divided by 10^scale for decimals. */
export interface Doubles {
  readonly values: Float64Array;
  readonly step: 0 | -1;
  readonly scale: number;
}

/** Kinds whose values may be held as doubles. */
export type DoubleKind = Extract<Kind, "int" | "length" | "float" | "decimal2" | "datetime">;

/** Scales up to this are powers of ten that doubles hold exactly. */
export const MAX_SCALE = 15;
const MAX = Number.MAX_SAFE_INTEGER;

const column = (values: Float64Array, scale: number): Doubles => ({ values, step: -1, scale });
const constant = (value: number, scale: number): Doubles => ({
  values: Float64Array.of(value),
  step: 0,
  scale,
});

/** The values exactly; undefined where doubles do not hold them. Ints and decimals are safe integers. */
export function doublesOf(kind: DoubleKind, operand: Operand): Doubles | undefined {
  switch (operand.form) {
    case "ints":
    case "floats":
    case "instants":
      return column(operand.values, 0);
    case "scaled":
      return column(operand.values, operand.scale);
    case "constant":
      return constantDoubles(kind, operand.value);
    default:
      return undefined;
  }
}

function constantDoubles(kind: DoubleKind, value: Scalar): Doubles | undefined {
  switch (kind) {
    case "int":
    case "length":
      return safe(value as bigint, 0);
    case "float":
      return constant(value as number, 0);
    case "decimal2": {
      const { digits, scale } = value as Decimal;
      return scale <= MAX_SCALE ? safe(digits, scale) : undefined;
    }
    case "datetime": {
      const { ns } = value as DateTime;
      return ns % 1_000_000n === 0n ? safe(BigInt(dateTimeToMs(value as DateTime)), 0) : undefined;
    }
  }
}

function safe(digits: bigint, scale: number): Doubles | undefined {
  const double = Number(digits);
  return Number.isSafeInteger(double) ? constant(double, scale) : undefined;
}

/** Number operands promoted to floats: each the nearest double. */
export function floatsOf(kind: DoubleKind, operand: Operand): Doubles | undefined {
  if (operand.form === "constant") return constant(toFloat(kind, operand.value), 0);
  if (operand.form !== "scaled") return doublesOf(kind, operand);
  const divisor = 10 ** operand.scale;
  const { values } = operand;
  const result = new Float64Array(values.length);
  for (let row = 0; row < result.length; row += 1) {
    result[row] = (values[row] as number) / divisor;
  }
  return column(result, 0);
}

/** The same values at a scale that is not smaller; undefined where they leave the safe integers. */
export function rescaled(doubles: Doubles, scale: number): Doubles | undefined {
  if (doubles.scale === scale) return doubles;
  const factor = 10 ** (scale - doubles.scale);
  const { values, step } = doubles;
  const result = new Float64Array(values.length);
  for (let at = 0; at < result.length; at += 1) {
    const value = (values[at] as number) * factor;
    if (value > MAX || value < -MAX) return undefined;
    result[at] = value;
  }
  return { values: result, step, scale };
}

/** Both at the larger of their scales. */
export function sameScale(left: Doubles, right: Doubles): readonly [Doubles, Doubles] | undefined {
  const scale = Math.max(left.scale, right.scale);
  const leftScaled = rescaled(left, scale);
  const rightScaled = rescaled(right, scale);
  if (leftScaled === undefined || rightScaled === undefined) return undefined;
  return [leftScaled, rightScaled];
}

/** Whether every value is a safe integer; turns -0 into 0 on the way. */
export function settleIntegers(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    if (!(value <= MAX && value >= -MAX)) return false;
    values[row] = value + 0;
  }
  return true;
}
