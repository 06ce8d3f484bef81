import { onlyFault } from "#pkg/fault";
import type { ApplyNode, Checked, ChoiceNode, LogicNode } from "../checked.ts";
import { gatherOperand } from "./gather-operand.ts";
import { kernelOf } from "./kernels/kernel-table.ts";
import { mapRows } from "./map-rows.ts";
import type { Operand } from "./operand.ts";
import { choose, maskOf, positionsOf, scatter } from "./select.ts";

export interface Batch {
  readonly rows: number;
  readonly inputs: readonly Operand[];
}

/**
 * Evaluates one node over all rows of a batch with at least one row. Throws some Fault when a row fails; which one is
 * for the scalar evaluator to find out.
 */
export type EvaluateColumns = (batch: Batch) => Operand;

/** The seam where generated code can take the place of closures: same input, same result. */
export function columnEvaluator(node: Checked): EvaluateColumns {
  switch (node.node) {
    case "constant": {
      const operand: Operand = { form: "constant", value: node.value };
      return () => operand;
    }
    case "input": {
      const { slot } = node;
      return ({ inputs }) => inputs[slot] as Operand;
    }
    case "apply":
      return applyEvaluator(node);
    case "and":
    case "or":
      return logicEvaluator(node);
    case "choice":
      return choiceEvaluator(node);
  }
}

function applyEvaluator({ operation, operands }: ApplyNode): EvaluateColumns {
  const evaluators = operands.map(columnEvaluator);
  const kernel = kernelOf(
    operation,
    operands.map(({ kind }) => kind),
  );
  return (batch) => {
    const values = evaluators.map((evaluate) => evaluate(batch));
    return kernel?.(values, batch.rows) ?? mapRows(operation, values, batch.rows);
  };
}

/** The rows where the left side does not decide are evaluated alone only when evaluating all of them fails. */
function logicEvaluator({ node, left, right }: LogicNode): EvaluateColumns {
  const evaluateLeft = columnEvaluator(left);
  const evaluateRight = columnEvaluator(right);
  const undecided = node === "and" ? 1 : 0;
  return (batch) => {
    const decided = evaluateLeft(batch);
    if (decided.form === "constant") {
      return decided.value === (undecided === 1) ? evaluateRight(batch) : decided;
    }
    const mask = maskOf(decided, batch.rows);
    const positions = (): Int32Array => positionsOf(mask, undecided);
    const right = guarded(evaluateRight, batch, positions);
    if (right === undefined) return decided;
    const other = maskOf(right, batch.rows);
    const result = new Uint8Array(batch.rows);
    if (node === "and") {
      for (let row = 0; row < result.length; row += 1) {
        result[row] = (mask[row] as number) & (other[row] as number);
      }
    } else {
      for (let row = 0; row < result.length; row += 1) {
        result[row] = (mask[row] as number) | (other[row] as number);
      }
    }
    return { form: "mask", values: result };
  };
}

function choiceEvaluator(choice: ChoiceNode): EvaluateColumns {
  const condition = columnEvaluator(choice.condition);
  const whenTrue = columnEvaluator(choice.whenTrue);
  const whenFalse = columnEvaluator(choice.whenFalse);
  return (batch) => {
    const decided = condition(batch);
    if (decided.form === "constant") return (decided.value === true ? whenTrue : whenFalse)(batch);
    const mask = maskOf(decided, batch.rows);
    const yes = guarded(whenTrue, batch, () => positionsOf(mask, 1));
    const no = guarded(whenFalse, batch, () => positionsOf(mask, 0));
    if (yes === undefined) return no as Operand;
    return no === undefined ? yes : choose(choice.kind, mask, yes, no);
  };
}

/** Evaluates all rows; if that fails, only the rows that count, the others being anything; undefined if none counts. */
function guarded(
  evaluate: EvaluateColumns,
  batch: Batch,
  positions: () => Int32Array,
): Operand | undefined {
  try {
    return evaluate(batch);
  } catch (error) {
    const fault = onlyFault(error);
    const rows = positions();
    if (rows.length === batch.rows) throw fault;
    if (rows.length === 0) return undefined;
    const inputs = batch.inputs.map((input) => gatherOperand(input, rows));
    return scatter(evaluate({ rows: rows.length, inputs }), rows, batch.rows);
  }
}
