import type { Operation } from "../operation.ts";
import type { Kind } from "../types.ts";
import type { Operand } from "./operand.ts";

/** A fast way over whole columns; undefined when the forms or values at hand are not for it. */
export type Kernel = (operands: readonly Operand[], rows: number) => Operand | undefined;

export function kernelOf(_operation: Operation, _kinds: readonly Kind[]): Kernel | undefined {
  return undefined;
}
