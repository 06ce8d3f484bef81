import type { ScaledOperand } from "../operand.ts";

/** Below this a text of at most 15 digits is the shortest one of its double. */
const FIFTEEN_DIGITS = 1e15;

/** The shortest decimals of doubles at a common small scale; undefined when one of them has more digits. */
export function niceScaled(doubles: Float64Array): ScaledOperand | undefined {
  return scaledAt(doubles, 2) ?? scaledAt(doubles, 4);
}

function scaledAt(doubles: Float64Array, scale: number): ScaledOperand | undefined {
  const factor = 10 ** scale;
  const values = new Float64Array(doubles.length);
  for (let row = 0; row < values.length; row += 1) {
    const double = doubles[row] as number;
    const digits = Math.round(double * factor) + 0;
    if (digits / factor !== double + 0 || Math.abs(digits) >= FIFTEEN_DIGITS) return undefined;
    values[row] = digits;
  }
  return { form: "scaled", values, scale };
}
