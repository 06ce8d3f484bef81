import type { Value } from "#pkg/value";
import type { ApplyNode, Checked } from "./checked.ts";
import type { Scalar } from "./operation.ts";

export type Evaluate = (inputs: readonly Value[]) => Scalar;

/** One row at a time, exactly; what columns compute is defined by this. */
export function scalarEvaluator(node: Checked): Evaluate {
  switch (node.node) {
    case "constant": {
      const { value } = node;
      return () => value;
    }
    case "input": {
      const { slot } = node;
      return (inputs) => inputs[slot] as Value;
    }
    case "apply":
      return applyEvaluator(node);
    case "and":
    case "or": {
      const left = scalarEvaluator(node.left);
      const right = scalarEvaluator(node.right);
      return node.node === "and"
        ? (inputs) => (left(inputs) === true ? right(inputs) : false)
        : (inputs) => (left(inputs) === true ? true : right(inputs));
    }
    case "choice": {
      const condition = scalarEvaluator(node.condition);
      const whenTrue = scalarEvaluator(node.whenTrue);
      const whenFalse = scalarEvaluator(node.whenFalse);
      return (inputs) => (condition(inputs) === true ? whenTrue(inputs) : whenFalse(inputs));
    }
  }
}

/** The argument array belongs to the node and is used again for every row. */
function applyEvaluator({ operation, operands }: ApplyNode): Evaluate {
  const { apply } = operation;
  const evaluators = operands.map(scalarEvaluator);
  const args: Scalar[] = Array.from({ length: evaluators.length }, () => 0n);
  return (inputs) => {
    for (let at = 0; at < evaluators.length; at += 1) {
      args[at] = (evaluators[at] as Evaluate)(inputs);
    }
    return apply(args);
  };
}
