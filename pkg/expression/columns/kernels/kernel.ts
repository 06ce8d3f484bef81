import type { Operation } from "../../operation.ts";
import type { Kind } from "../../types.ts";
import type { Operand } from "../operand.ts";

/**
 * A fast way over whole columns. Undefined when the forms or values at hand are not for it, a failing row included:
 * the scalar form of the operation decides then.
 */
export type Kernel = (operands: readonly Operand[], rows: number) => Operand | undefined;

/** Makes the kernel of an operation, whose operands have these kinds. */
export type KernelMaker = (operation: Operation, kinds: readonly Kind[]) => Kernel | undefined;
