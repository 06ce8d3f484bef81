import type { FieldType, Value } from "#pkg/value";
import type { Vector } from "#pkg/rowset";

/** Static kind of an expression: the six field types, and three that no field can hold (spec/expressions.md 2.1). */
export type Kind = FieldType | "length" | "month" | "zone";

export interface FieldReference {
  readonly prefix: string;
  readonly name: string;
  /** UTF-16 offset in the expression text. */
  readonly offset: number;
}

/**
 * Where an expression stands; decides rounding of decimals and whether aggregates are allowed (spec 2.4, 4.1).
 * `field`: table or file creator, decimals rounded, no aggregates. `condition`: having, filter, criteria, policy rule;
 * not rounded, no aggregates. `group`: field of a grouped lookup; a root aggregate rounds inside, others do not.
 */
export type ExpressionPlace = "field" | "condition" | "group";

export interface CompileOptions {
  readonly place: ExpressionPlace;
  /** Type of a field, undefined when there is no such field here. Constants (true, time.UTC…) are not asked for. */
  readonly typeOf: (prefix: string, name: string) => FieldType | undefined;
  /** The kind the result must have exactly; absent = any kind. */
  readonly declared?: FieldType;
  /** Full names (`r.qty`) that exist here, only for "did you mean" hints. */
  readonly known?: Iterable<string>;
  /** Clock of time.Now(), milliseconds since 1970 UTC; absent = that of the machine. */
  readonly now?: () => number;
}

/** A checked expression. Everything that depends on types alone has already been refused by compileExpression. */
export interface CompiledExpression {
  readonly text: string;
  readonly kind: Kind;
  /** Distinct references in order of first use; `evaluate` and `evaluateColumns` take their inputs in this order. */
  readonly inputs: readonly FieldReference[];
  /** Types of `inputs`. */
  readonly inputTypes: readonly FieldType[];
  /** Present when the root is an aggregate call; then `evaluate*` must not be called. */
  readonly aggregate: AggregateExpression | undefined;
  /** One row. Throws Fault EXPRESSION_ROW with facts.code (an E-name of the spec). The oracle of evaluateColumns. */
  evaluate(inputs: readonly Value[]): Value;
  /**
   * All rows at once; columns of the fast representations where the values allow it. Throws the EXPRESSION_ROW of the
   * lowest failing row, with facts.row (position in the inputs).
   */
  evaluateColumns(inputs: readonly Vector[], rows: number): Vector;
}

export interface AggregateExpression {
  /** Fresh accumulators for `groups` groups, numbered from 0. */
  accumulators(groups: number): Accumulators;
}

export interface Accumulators {
  /** Feeds row i to group groups[i], in row order. `inputs` as in evaluateColumns. Throws EXPRESSION_ROW with facts.row. */
  add(groups: Int32Array, inputs: readonly Vector[], rows: number): void;
  /** Adds groups at the end so that there are `groups`. */
  grow(groups: number): void;
  /**
   * One value a group. Groups that were never fed get what `absent` holds (default_value or type default); so do
   * min_if and max_if groups of numbers without a qualifying row (spec Q12); with strings those are empty, as in the
   * reference. The vector may share memory with the accumulators: take it once, at the end.
   */
  results(absent: Value): Vector;
}
