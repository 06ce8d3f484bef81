import type { Apply } from "../operation.ts";
import type { Kind } from "../types.ts";

/** Kinds a parameter accepts; nothing is converted implicitly. */
export type Parameter = readonly Kind[];

export const ANY: Parameter = [
  "int",
  "float",
  "decimal2",
  "string",
  "bool",
  "datetime",
  "length",
  "month",
  "zone",
];
/** What the conversions accept. */
export const CONVERTIBLE: Parameter = ["string", "bool", "int", "length", "float", "decimal2"];
export const NUMERIC: Parameter = ["int", "length", "float", "decimal2"];

/** What a call site knows: kinds of its arguments and where it stands. */
export interface CallSite {
  readonly kinds: readonly Kind[];
  readonly offset: number;
  /** Clock of time.Now, milliseconds since 1970 UTC. */
  readonly now: () => number;
}

export interface FunctionDefinition {
  readonly parameters: readonly Parameter[];
  /** Kind of any further arguments; absent when there can be none. */
  readonly rest?: Parameter;
  readonly result: Kind;
  /** Another result on every call; never folded. */
  readonly changing?: true;
  readonly bind: (site: CallSite) => Apply;
}
