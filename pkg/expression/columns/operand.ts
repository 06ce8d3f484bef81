import type { StringColumn } from "#pkg/rowset";
import type { Scalar } from "../operation.ts";

/** The same value on every row. */
export interface ConstantOperand {
  readonly form: "constant";
  readonly value: Scalar;
}

/** Ints and lengths: safe integers, never -0. */
export interface IntOperand {
  readonly form: "ints";
  readonly values: Float64Array;
}

export interface BigOperand {
  readonly form: "bigints";
  readonly values: BigInt64Array;
}

export interface FloatOperand {
  readonly form: "floats";
  readonly values: Float64Array;
}

/** Decimals values[i] / 10^scale; values are safe integers, never -0; the scale is one that doubles hold exactly. */
export interface ScaledOperand {
  readonly form: "scaled";
  readonly values: Float64Array;
  readonly scale: number;
}

/** Decimals given by the shortest texts of finite doubles: the result of decimal2(float). */
export interface ShortestOperand {
  readonly form: "shortest";
  readonly values: Float64Array;
}

/** Decimals in hundredths beyond safe integers. */
export interface BigCentsOperand {
  readonly form: "bigcents";
  readonly values: BigInt64Array;
}

/** Instants without zone: whole milliseconds since 1970 UTC. */
export interface InstantOperand {
  readonly form: "instants";
  readonly values: Float64Array;
}

/** Bools, 0 or 1. */
export interface MaskOperand {
  readonly form: "mask";
  readonly values: Uint8Array;
}

/** Row i is texts[codes[i]], or texts[i] without codes. Entries need not be distinct or used. */
export interface TextOperand {
  readonly form: "texts";
  readonly codes: Int32Array | undefined;
  /** Of `column` they are decoded when they are asked for. */
  readonly texts: readonly string[];
  /** The column that has these texts, row by row. */
  readonly column: StringColumn | undefined;
}

/** One boxed value a row: whatever has no faster form. */
export interface BoxedOperand {
  readonly form: "boxed";
  readonly values: readonly Scalar[];
}

/** The rows of one sub-expression. Which forms occur depends on its kind and on the values. */
export type Operand =
  | ConstantOperand
  | IntOperand
  | BigOperand
  | FloatOperand
  | ScaledOperand
  | ShortestOperand
  | BigCentsOperand
  | InstantOperand
  | MaskOperand
  | TextOperand
  | BoxedOperand;

export type Form = Operand["form"];

/** Number of texts, without decoding them. */
export const entriesOf = (operand: TextOperand): number =>
  operand.column === undefined ? operand.texts.length : operand.column.offsets.length - 1;

/** Whether to work once per dictionary entry: a few rows of a large dictionary are better worked on row by row. */
export const paysByEntry = (operand: TextOperand, rows: number): boolean =>
  operand.codes !== undefined && entriesOf(operand) <= rows * 4 + 64;
