import { type Fault, onlyFault } from "#pkg/fault";
import { vectorFrom, type Vector } from "#pkg/rowset";
import type { FieldType, Value } from "#pkg/value";
import type { Checked } from "./checked.ts";
import { columnEvaluator } from "./columns/evaluator.ts";
import type { Operand } from "./columns/operand.ts";
import { packOperand } from "./columns/pack-operand.ts";
import { rowReader } from "./columns/read-operand.ts";
import { operandOf, vectorOf } from "./columns/vectors.ts";
import { withFacts } from "./expression-fault.ts";
import type { Scalar } from "./operation.ts";
import { scalarEvaluator } from "./scalar.ts";
import type { Kind } from "./types.ts";

export type EvaluateOperands = (inputs: readonly Operand[], rows: number) => Operand;

/**
 * Columns first; if some row fails there, row by row, which finds the first failing row with exactly the semantics of
 * single rows. Needs a row at least. Throws EXPRESSION_ROW with facts.row.
 */
export function operandEvaluator(node: Checked): EvaluateOperands {
  const columns = columnEvaluator(node);
  const scalar = scalarEvaluator(node);
  return (inputs, rows) => {
    try {
      return columns({ inputs, rows });
    } catch (error) {
      onlyFault(error);
      return rowByRow({ kind: node.kind, scalar, inputs, rows });
    }
  };
}

interface RowByRow {
  readonly kind: Kind;
  readonly scalar: (inputs: readonly Value[]) => Scalar;
  readonly inputs: readonly Operand[];
  readonly rows: number;
}

function rowByRow({ kind, scalar, inputs, rows }: RowByRow): Operand {
  const readers = inputs.map(rowReader);
  const results: Scalar[] = [];
  for (let row = 0; row < rows; row += 1) {
    try {
      results.push(scalar(readers.map((read) => read(row) as Value)));
    } catch (error) {
      throw withFacts(onlyFault(error), { row });
    }
  }
  return packOperand(kind, results);
}

/** An input that is returned unchanged is the same vector, not a copy. */
export function vectorEvaluator(
  node: Checked,
): (inputs: readonly Vector[], rows: number) => Vector {
  if (node.node === "input") {
    const { slot } = node;
    return (inputs) => inputs[slot] as Vector;
  }
  const evaluate = operandEvaluator(node);
  const type = node.kind as FieldType;
  return (inputs, rows) =>
    rows === 0 ? vectorFrom(type, []) : vectorOf(type, evaluate(inputs.map(operandOf), rows), rows);
}

export const rowOf = (fault: Fault): number => fault.facts["row"] as number;
