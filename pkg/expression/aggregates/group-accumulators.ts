import { isFault, type Fault, onlyFault } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import type { Value } from "#pkg/value";
import { operandEvaluator, rowOf, type EvaluateOperands } from "../column-expression.ts";
import { gatherOperand } from "../columns/gather-operand.ts";
import type { Operand } from "../columns/operand.ts";
import { choose, maskOf, positionsOf } from "../columns/select.ts";
import { operandOf, vectorOf } from "../columns/vectors.ts";
import type { Accumulators, AggregateExpression } from "../types.ts";
import type { CheckedAggregate } from "./check-aggregate.ts";
import { Counts } from "./counts.ts";
import { decimalExtreme, FloatExtreme, intExtreme } from "./extremes.ts";
import { JoinedTexts } from "./joined-texts.ts";
import type { State } from "./state.ts";
import { StringExtreme } from "./string-extreme.ts";
import { DecimalTotals, FloatTotals, IntTotals } from "./totals.ts";

export function aggregateExpression(aggregate: CheckedAggregate): AggregateExpression {
  const { value, condition } = aggregate;
  const evaluators = {
    value: value === undefined ? undefined : operandEvaluator(value),
    condition: condition === undefined ? undefined : operandEvaluator(condition),
  };
  return { accumulators: (groups) => new GroupAccumulators(aggregate, evaluators, groups) };
}

interface Evaluators {
  readonly value: EvaluateOperands | undefined;
  readonly condition: EvaluateOperands | undefined;
}

const NOTHING: Operand = { form: "constant", value: 0n };

class GroupAccumulators implements Accumulators {
  readonly #aggregate: CheckedAggregate;
  readonly #evaluators: Evaluators;
  readonly #state: State;
  /** 1 for groups whose result is not `absent`. */
  #present: Uint8Array;
  #groups: number;

  constructor(aggregate: CheckedAggregate, evaluators: Evaluators, groups: number) {
    this.#aggregate = aggregate;
    this.#evaluators = evaluators;
    this.#state = stateOf(aggregate, groups);
    this.#present = new Uint8Array(groups);
    this.#groups = groups;
  }

  add(groups: Int32Array, inputs: readonly Vector[], rows: number): void {
    if (rows === 0) return;
    const operands = inputs.map(operandOf);
    const [value, condition] = evaluateBoth(this.#evaluators, operands, rows);
    if (condition === undefined) {
      this.#mark(groups, rows);
      this.#state.add({ groups, rows, value });
      return;
    }
    const positions = positionsOf(maskOf(condition, rows), 1);
    const counted = new Int32Array(positions.length);
    for (let at = 0; at < counted.length; at += 1)
      counted[at] = groups[positions[at] as number] as number;
    if (this.#needsQualifyingRow()) this.#mark(counted, counted.length);
    else this.#mark(groups, rows);
    const gathered = gatherOperand(value, positions);
    this.#state.add({ groups: counted, rows: counted.length, value: gathered });
  }

  /** min_if and max_if of numbers have nothing to show without a qualifying row; the others start from zero (Q12). */
  #needsQualifyingRow(): boolean {
    const { name, kind } = this.#aggregate;
    return (name === "min" || name === "max") && kind !== "string";
  }

  #mark(groups: Int32Array, rows: number): void {
    const present = this.#present;
    for (let row = 0; row < rows; row += 1) present[groups[row] as number] = 1;
  }

  grow(groups: number): void {
    const present = new Uint8Array(groups);
    present.set(this.#present);
    this.#present = present;
    this.#groups = groups;
    this.#state.grow(groups);
  }

  results(absent: Value): Vector {
    const { kind } = this.#aggregate;
    const results = this.#state.results();
    if (this.#present.every((byte) => byte === 1)) return vectorOf(kind, results, this.#groups);
    const whole = choose(kind, this.#present, results, { form: "constant", value: absent });
    return vectorOf(kind, whole, this.#groups);
  }
}

/** The value is evaluated on every row, also where the condition is false; the lowest failing row is reported. */
function evaluateBoth(
  { value, condition }: Evaluators,
  inputs: readonly Operand[],
  rows: number,
): readonly [Operand, Operand | undefined] {
  const values = attempt(value, inputs, rows);
  const mask = attempt(condition, inputs, rows);
  const faults = [values, mask].filter(isFault);
  const [first, second] = faults;
  if (first !== undefined) {
    throw second !== undefined && rowOf(second) < rowOf(first) ? second : first;
  }
  return [(values as Operand | undefined) ?? NOTHING, mask as Operand | undefined];
}

function attempt(
  evaluate: EvaluateOperands | undefined,
  inputs: readonly Operand[],
  rows: number,
): Operand | Fault | undefined {
  try {
    return evaluate?.(inputs, rows);
  } catch (error) {
    return onlyFault(error);
  }
}

function stateOf({ name, kind, separator }: CheckedAggregate, groups: number): State {
  switch (name) {
    case "count":
      return new Counts(groups);
    case "string_agg":
      return new JoinedTexts(groups, separator);
    case "sum":
    case "avg":
      return totalsOf(kind, groups, name === "avg");
    case "min":
    case "max":
      return extremeOf(kind, groups, name === "min" ? 1 : -1);
  }
}

function totalsOf(kind: CheckedAggregate["kind"], groups: number, average: boolean): State {
  if (kind === "float") return new FloatTotals(groups, average);
  return kind === "decimal2" ? new DecimalTotals(groups, average) : new IntTotals(groups, average);
}

function extremeOf(kind: CheckedAggregate["kind"], groups: number, direction: 1 | -1): State {
  switch (kind) {
    case "float":
      return new FloatExtreme(groups, direction);
    case "string":
      return new StringExtreme(groups, direction);
    case "int":
      return intExtreme(groups, direction);
    case "decimal2":
      return decimalExtreme(groups, direction);
  }
}
