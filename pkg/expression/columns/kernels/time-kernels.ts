import { doublesOf, type Doubles } from "../doubles.ts";
import type { Operand } from "../operand.ts";
import { instantKernel } from "./comparison-kernels.ts";
import type { Kernel, KernelMaker } from "./kernel.ts";
import { COMPARISONS, LOOPS, type Comparison, type Loop } from "./loops.ts";

const MS_PER_SECOND = 1000;
/** A difference saturates at 2^63 - 1 nanoseconds. */
const MAX_DIFFERENCE = 9_223_372_036_854;

export const timeKernel: KernelMaker = ({ name }) => {
  switch (name) {
    case "time.Before":
      return instantKernel(COMPARISONS.get("<") as Comparison);
    case "time.After":
      return instantKernel(COMPARISONS.get(">") as Comparison);
    case "time.UnixMilli":
      return milliseconds;
    case "time.Unix":
      return seconds;
    default:
      return difference;
  }
};

const milliseconds: Kernel = ([operand]) =>
  operand?.form === "instants" ? { form: "ints", values: operand.values } : undefined;

const seconds: Kernel = ([operand]) => {
  if (operand?.form !== "instants") return undefined;
  return { form: "ints", values: operand.values.map((ms) => Math.floor(ms / MS_PER_SECOND)) };
};

const difference: Kernel = ([left, right], rows) => {
  const a = doublesOf("datetime", left as Operand);
  const b = doublesOf("datetime", right as Operand);
  if (a === undefined || b === undefined) return undefined;
  return { form: "ints", values: saturated(a, b, rows) };
};

function saturated(left: Doubles, right: Doubles, rows: number): Float64Array {
  const values = (LOOPS.get("-") as Loop)(left, right, rows);
  for (let row = 0; row < rows; row += 1) {
    const value = values[row] as number;
    if (value > MAX_DIFFERENCE) values[row] = MAX_DIFFERENCE;
    else if (value < -MAX_DIFFERENCE) values[row] = -MAX_DIFFERENCE;
  }
  return values;
}
