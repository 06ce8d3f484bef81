import { roundHalfAway } from "../../functions/numbers.ts";
import type { Kind } from "../../types.ts";
import { floatsOf, type DoubleKind } from "../doubles.ts";
import type { Operand } from "../operand.ts";
import type { Kernel, KernelMaker } from "./kernel.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** int(x), float(x) and decimal2(x) of numbers and bools. */
export const conversionKernel: KernelMaker = ({ kind }, kinds) => {
  const [from] = kinds as [Kind];
  if (kind === from) return ([operand]) => operand;
  if (kind === "int") return toInts;
  return kind === "float" ? toFloats(from) : toDecimals;
};

const toInts: Kernel = ([operand]) => {
  switch (operand?.form) {
    case "ints":
    case "bigints":
      return operand;
    case "mask":
      return { form: "ints", values: new Float64Array(operand.values) };
    case "floats":
      return truncated(operand.values, 1);
    case "scaled":
      return truncated(operand.values, 10 ** operand.scale);
    default:
      return undefined;
  }
};

/** A quotient of a safe integer and a power of ten never rounds up to the next integer. */
function truncated(values: Float64Array, divisor: number): Operand | undefined {
  const result = new Float64Array(values.length);
  for (let row = 0; row < result.length; row += 1) {
    const value = Math.trunc((values[row] as number) / divisor) + 0;
    if (!(value <= MAX && value >= -MAX)) return undefined;
    result[row] = value;
  }
  return { form: "ints", values: result };
}

function toFloats(from: Kind): Kernel {
  return ([operand]) => {
    if (operand?.form === "mask") {
      return { form: "floats", values: new Float64Array(operand.values) };
    }
    const floats =
      operand?.form === "constant" ? undefined : floatsOf(from as DoubleKind, operand as Operand);
    return floats === undefined ? undefined : { form: "floats", values: floats.values };
  };
}

const toDecimals: Kernel = ([operand]) => {
  switch (operand?.form) {
    case "ints":
      return { form: "scaled", values: operand.values, scale: 0 };
    case "mask":
      return { form: "scaled", values: new Float64Array(operand.values), scale: 0 };
    case "floats":
      return operand.values.every(Number.isFinite)
        ? { form: "shortest", values: operand.values }
        : undefined;
    default:
      return undefined;
  }
};

/** math.Sqrt and math.Round. */
export const floatFunctionKernel: KernelMaker = ({ name }, kinds) => {
  const compute = name === "math.Sqrt" ? Math.sqrt : roundHalfAway;
  return ([operand]) => {
    if (operand?.form === "constant") return undefined;
    const floats = floatsOf(kinds[0] as DoubleKind, operand as Operand);
    if (floats === undefined) return undefined;
    return { form: "floats", values: floats.values.map((value) => compute(value)) };
  };
};
