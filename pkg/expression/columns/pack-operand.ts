import type { Scalar } from "../operation.ts";
import type { Kind } from "../types.ts";
import type { Operand } from "./operand.ts";

/** Boxed values in the fastest form that holds them. */
export function packOperand(kind: Kind, values: readonly Scalar[]): Operand {
  switch (kind) {
    case "int":
    case "length":
      return packInts(values as readonly bigint[]);
    case "float":
      return { form: "floats", values: Float64Array.from(values as readonly number[]) };
    case "bool":
      return { form: "mask", values: Uint8Array.from(values as readonly boolean[], Number) };
    case "string": {
      const texts = values as readonly string[];
      return { form: "texts", codes: undefined, texts, column: undefined };
    }
    default:
      return { form: "boxed", values };
  }
}

function packInts(values: readonly bigint[]): Operand {
  const doubles = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const double = Number(values[row]);
    if (!Number.isSafeInteger(double)) {
      return { form: "bigints", values: BigInt64Array.from(values) };
    }
    doubles[row] = double;
  }
  return { form: "ints", values: doubles };
}
