import { doublesOf, floatsOf, settleIntegers } from "../doubles.ts";
import type { Operand } from "../operand.ts";
import { decimalKernel, type NumberKinds } from "./decimal-kernels.ts";
import type { Kernel, KernelMaker } from "./kernel.ts";
import { divideWhole, LOOPS, remainder, type Loop } from "./loops.ts";

export const arithmeticKernel: KernelMaker = (operation, kinds) => {
  const { name, kind, rounds } = operation;
  switch (kind) {
    case "int":
      return name === "/" || name === "%"
        ? wholeDivision(name)
        : intKernel(LOOPS.get(name) as Loop);
    case "float":
      return floatKernel(LOOPS.get(name) as Loop, kinds as NumberKinds);
    case "decimal2":
      return decimalKernel(name, rounds, kinds as NumberKinds);
    default:
      return undefined;
  }
};

function intKernel(loop: Loop): Kernel {
  return ([left, right], rows) => {
    const a = doublesOf("int", left as Operand);
    const b = doublesOf("int", right as Operand);
    if (a === undefined || b === undefined) return undefined;
    const values = loop(a, b, rows);
    return settleIntegers(values) ? { form: "ints", values } : undefined;
  };
}

function wholeDivision(name: "/" | "%"): Kernel {
  const loop = name === "/" ? divideWhole : remainder;
  return ([left, right], rows) => {
    const a = doublesOf("int", left as Operand);
    const b = doublesOf("int", right as Operand);
    if (a === undefined || b === undefined) return undefined;
    const values = loop(a, b, rows);
    return values === undefined ? undefined : { form: "ints", values };
  };
}

function floatKernel(loop: Loop, [leftKind, rightKind]: NumberKinds): Kernel {
  return ([left, right], rows) => {
    const a = floatsOf(leftKind, left as Operand);
    const b = floatsOf(rightKind, right as Operand);
    if (a === undefined || b === undefined) return undefined;
    return { form: "floats", values: loop(a, b, rows) };
  };
}

/** Unary minus of whatever is held in doubles. */
export const negateKernel: Kernel = ([operand]) => {
  switch (operand?.form) {
    case "ints":
    case "scaled":
      return { ...operand, values: operand.values.map((value) => 0 - value) };
    case "floats":
      return { form: "floats", values: operand.values.map((value) => -value) };
    default:
      return undefined;
  }
};

export const notKernel: Kernel = ([operand]) =>
  operand?.form === "mask"
    ? { form: "mask", values: operand.values.map((value) => 1 - value) }
    : undefined;
