import type { Value } from "#pkg/value";
import type { Kind } from "./types.ts";

export interface Zone {
  readonly name: string;
  /** Seconds east of UTC. */
  readonly offset: number;
}

/** A value of any kind during evaluation: length as bigint, month as number 1-12. */
export type Scalar = Value | Zone;

/** The arguments belong to the caller, who may reuse the array. Throws EXPRESSION_ROW only. */
export type Apply = (args: readonly Scalar[]) => Scalar;

/** An operator or function with the kinds of its operands decided. */
export interface Operation {
  /** As written: `+`, `decimal2`, `time.Format`; with the operand kinds it selects a column kernel. */
  readonly name: string;
  readonly kind: Kind;
  /** Results of decimal arithmetic are cut to two digits (spec 2.4). */
  readonly rounds: boolean;
  /** The same arguments may give another result: never folded, never memoised. */
  readonly changing: boolean;
  readonly apply: Apply;
}

/** How a kind is called in messages. */
export const kindName = (kind: Kind): string =>
  kind === "length" ? "the length of a string" : kind;

export const isNumeric = (kind: Kind): boolean =>
  kind === "int" || kind === "length" || kind === "float" || kind === "decimal2";

/** The kind both numeric operands are brought to before they are computed or compared (spec 2.2). */
export function promoted(left: Kind, right: Kind): "int" | "float" | "decimal2" | undefined {
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  if (left === "float" || right === "float") return "float";
  return left === "decimal2" || right === "decimal2" ? "decimal2" : "int";
}
