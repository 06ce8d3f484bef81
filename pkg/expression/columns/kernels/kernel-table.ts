import type { Operation } from "../../operation.ts";
import type { Kind } from "../../types.ts";
import { arithmeticKernel, negateKernel, notKernel } from "./arithmetic-kernels.ts";
import { comparisonKernel } from "./comparison-kernels.ts";
import { conversionKernel, floatFunctionKernel } from "./conversion-kernels.ts";
import { formatKernel } from "./format-kernel.ts";
import type { Kernel, KernelMaker } from "./kernel.ts";
import { lengthKernel } from "./length-kernel.ts";
import { timeKernel } from "./time-kernels.ts";

const MAKERS: ReadonlyMap<string, KernelMaker> = new Map<string, KernelMaker>([
  ...["+", "-", "*", "/", "%"].map((name) => [name, arithmeticKernel] as const),
  ...["==", "!=", "<", "<=", ">", ">="].map((name) => [name, comparisonKernel] as const),
  ...["int", "float", "decimal2"].map((name) => [name, conversionKernel] as const),
  ...["math.Sqrt", "math.Round"].map((name) => [name, floatFunctionKernel] as const),
  ...["time.Before", "time.After", "time.DiffMilli", "time.Unix", "time.UnixMilli"].map(
    (name) => [name, timeKernel] as const,
  ),
  ["time.Format", formatKernel],
  ["len", () => lengthKernel],
  ["negate", () => negateKernel],
  ["!", () => notKernel],
]);

export function kernelOf(operation: Operation, kinds: readonly Kind[]): Kernel | undefined {
  return MAKERS.get(operation.name)?.(operation, kinds);
}
