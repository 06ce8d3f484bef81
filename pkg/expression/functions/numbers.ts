import type { Apply, Scalar } from "../operation.ts";
import { toFloat } from "../promote.ts";
import type { Kind } from "../types.ts";
import { NUMERIC, type CallSite, type FunctionDefinition } from "./function.ts";

/** To a whole number, half away from zero; keeps the sign of zero. */
export function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function ofFloat(compute: (value: number) => number): FunctionDefinition {
  const bind = (site: CallSite): Apply => {
    const kind = site.kinds[0] as Kind;
    return (args) => compute(toFloat(kind, args[0] as Scalar));
  };
  return { parameters: [NUMERIC], result: "float", bind };
}

export const NUMBERS: Readonly<Record<string, FunctionDefinition>> = {
  "math.Sqrt": ofFloat(Math.sqrt),
  "math.Round": ofFloat(roundHalfAway),
};
