import type { Operation, Scalar } from "./operation.ts";
import type { Kind } from "./types.ts";

interface Common {
  readonly kind: Kind;
  readonly offset: number;
}

export interface ConstantNode extends Common {
  readonly node: "constant";
  readonly value: Scalar;
}

/** The input at position `slot`. */
export interface InputNode extends Common {
  readonly node: "input";
  readonly slot: number;
}

export interface ApplyNode extends Common {
  readonly node: "apply";
  readonly operation: Operation;
  readonly operands: readonly Checked[];
}

/** The right side is evaluated only where the left side does not decide. */
export interface LogicNode extends Common {
  readonly node: "and" | "or";
  readonly left: Checked;
  readonly right: Checked;
}

/** Only the chosen branch is evaluated. */
export interface ChoiceNode extends Common {
  readonly node: "choice";
  readonly condition: Checked;
  readonly whenTrue: Checked;
  readonly whenFalse: Checked;
}

/** An expression with names resolved and all kinds known; nothing that depends on kinds can fail any more. */
export type Checked = ConstantNode | InputNode | ApplyNode | LogicNode | ChoiceNode;
