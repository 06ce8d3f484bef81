import type { CompiledExpression } from "#pkg/expression";
import { onlyFault } from "#pkg/fault";
import { columnOf, valueAt, type Column } from "#pkg/rowset";
import type { RowFailure, SourceBlock } from "./port.ts";

export interface RowMasks {
  /** One byte a row for each condition; rows that failed have 0 everywhere. */
  readonly masks: readonly Uint8Array[];
  readonly failures: readonly RowFailure[];
}

interface Condition {
  readonly tag: string;
  readonly condition: CompiledExpression;
}

/** For which rows each condition holds. A row for which one cannot be evaluated fails, with the first such condition. */
export function rowMasks(block: SourceBlock, conditions: readonly Condition[]): RowMasks {
  const failures = new Map<number, RowFailure>();
  const masks = conditions.map((each) => maskOf(block, each, failures));
  for (const row of failures.keys()) for (const mask of masks) mask[row] = 0;
  const inOrder = [...failures.values()].toSorted((a, b) => a.row - b.row);
  return { masks, failures: inOrder };
}

function maskOf(
  { rowset }: SourceBlock,
  each: Condition,
  failures: Map<number, RowFailure>,
): Uint8Array {
  const { condition } = each;
  const inputs = condition.inputs.map(({ name }) => columnOf(rowset, name));
  try {
    const answer = condition.evaluateColumns(inputs, rowset.rows);
    // A condition that is an input field is that very column, which must not be changed.
    return answer.type === "bool" ? answer.values.slice() : new Uint8Array(rowset.rows);
  } catch (error) {
    onlyFault(error);
    return rowByRow(each, inputs, rowset.rows, failures);
  }
}

/** Slow, but tells every row that fails. */
function rowByRow(
  { tag, condition }: Condition,
  inputs: readonly Column[],
  rows: number,
  failures: Map<number, RowFailure>,
): Uint8Array {
  const mask = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1)
    try {
      mask[row] = condition.evaluate(inputs.map((column) => valueAt(column, row))) === true ? 1 : 0;
    } catch (error) {
      if (failures.has(row)) continue;
      const field = `tag ${tag}`;
      failures.set(row, { row, field, expression: condition.text, fault: onlyFault(error) });
    }
  return mask;
}
