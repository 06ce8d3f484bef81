import {
  doublesOf,
  MAX_SCALE,
  sameScale,
  settleIntegers,
  type DoubleKind,
  type Doubles,
} from "../doubles.ts";
import type { Operand, ScaledOperand } from "../operand.ts";
import { divideToCents, multiplyToCents } from "./decimal-rounding.ts";
import type { Kernel } from "./kernel.ts";
import { LOOPS, type Loop } from "./loops.ts";
import { niceScaled } from "./shortest-decimals.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Kinds of the two operands of an operator on numbers. */
export type NumberKinds = readonly [DoubleKind, DoubleKind];

export function decimalKernel(
  name: string,
  rounds: boolean,
  kinds: NumberKinds,
): Kernel | undefined {
  if (name === "/") return rounds ? divideKernel(kinds) : undefined;
  if (name === "*") return multiplyKernel(rounds, kinds);
  const loop = LOOPS.get(name) as Loop;
  return ([left, right], rows) => {
    const a = decimalsOf(kinds[0], left as Operand);
    const b = decimalsOf(kinds[1], right as Operand);
    const both = a === undefined || b === undefined ? undefined : sameScale(a, b);
    if (both === undefined) return undefined;
    const values = loop(both[0], both[1], rows);
    return settled(values, both[0].scale, rounds);
  };
}

/** Ints count as decimals of scale 0; shortest texts of doubles where they all have few digits. */
export function decimalsOf(kind: DoubleKind, operand: Operand): Doubles | undefined {
  if (operand.form !== "shortest") return doublesOf(kind, operand);
  const scaled = niceScaled(operand.values);
  return scaled === undefined ? undefined : doublesOf("decimal2", scaled);
}

function settled(values: Float64Array, scale: number, rounds: boolean): ScaledOperand | undefined {
  if (scale > MAX_SCALE || !settleIntegers(values)) return undefined;
  if (!rounds || scale <= 2) return { form: "scaled", values, scale };
  return roundScaled(values, scale) ? { form: "scaled", values, scale: 2 } : undefined;
}

/** Cuts to two digits in place, half away from zero; false where a sum on the way is no safe integer. */
function roundScaled(values: Float64Array, scale: number): boolean {
  const divisor = 10 ** (scale - 2);
  const half = divisor / 2;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    const raised = Math.abs(value) + half;
    if (raised > MAX) return false;
    const size = Math.floor(raised / divisor);
    values[row] = value < 0 ? 0 - size : size;
  }
  return true;
}

function multiplyKernel(rounds: boolean, kinds: NumberKinds): Kernel {
  const loop = LOOPS.get("*") as Loop;
  return ([left, right], rows) => {
    const byDoubles = rounds
      ? multiplyShortest(kinds, left as Operand, right as Operand)
      : undefined;
    if (byDoubles !== undefined) return byDoubles;
    const a = decimalsOf(kinds[0], left as Operand);
    const b = decimalsOf(kinds[1], right as Operand);
    if (a === undefined || b === undefined) return undefined;
    return settled(loop(a, b, rows), a.scale + b.scale, rounds);
  };
}

/** A factor that is the shortest text of a double needs no common scale when the product is rounded anyway. */
function multiplyShortest(kinds: NumberKinds, left: Operand, right: Operand): Operand | undefined {
  if (left.form === right.form) return undefined;
  if (right.form === "shortest") return multiplied(doublesOf(kinds[0], left), right.values);
  return left.form === "shortest" ? multiplied(doublesOf(kinds[1], right), left.values) : undefined;
}

function multiplied(scaled: Doubles | undefined, doubles: Float64Array): Operand | undefined {
  const values = scaled === undefined ? undefined : multiplyToCents(scaled, doubles);
  return values === undefined ? undefined : { form: "scaled", values, scale: 2 };
}

function divideKernel(kinds: NumberKinds): Kernel {
  return ([left, right], rows) => {
    const a = decimalsOf(kinds[0], left as Operand);
    const b = decimalsOf(kinds[1], right as Operand);
    const values = a === undefined || b === undefined ? undefined : divideToCents(a, b, rows);
    return values === undefined ? undefined : { form: "scaled", values, scale: 2 };
  };
}
