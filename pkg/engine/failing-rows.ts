import { Fault, isFault, onlyFault } from "#pkg/fault";
import type { CompiledExpression } from "#pkg/expression";
import { valueAt } from "#pkg/rowset";
import { evaluateField, explainRow, inputsOf, valuesOf, type Block } from "./evaluate.ts";

/** A row that could not be processed: its position in the block and why. */
export interface FailedRow {
  readonly row: number;
  readonly fault: Fault;
}

export const isRowFault = (error: unknown): error is Fault =>
  isFault(error) && typeof error.facts["row"] === "number";

export const inOrder = (failed: ReadonlyMap<number, Fault>): readonly FailedRow[] =>
  [...failed].map(([row, fault]) => ({ row, fault })).toSorted((a, b) => a.row - b.row);

/** Positions of the rows that have not failed. */
export function rowsWithout(rows: number, failed: ReadonlyMap<number, Fault>): Int32Array {
  const kept = new Int32Array(rows - failed.size);
  let at = 0;
  for (let row = 0; row < rows; row += 1) if (!failed.has(row)) kept[at++] = row;
  return kept;
}

/** Adds the rows for which one expression fails, unless an earlier one has failed for them. */
export function addFailures(
  failed: Map<number, Fault>,
  what: { readonly expression: CompiledExpression; readonly field: string },
  block: Block,
): void {
  const { expression, field } = what;
  try {
    evaluateField(expression, field, block);
  } catch (error) {
    if (!isRowFault(error)) throw error;
    scan(failed, what, block);
  }
}

function scan(
  failed: Map<number, Fault>,
  { expression, field }: { readonly expression: CompiledExpression; readonly field: string },
  { scope, rows, names }: Block,
): void {
  const inputs = inputsOf(expression, scope);
  const place = { field, text: expression.text, names };
  const values = valuesOf(expression, inputs);
  for (let row = 0; row < rows; row += 1) {
    if (failed.has(row)) continue;
    try {
      expression.evaluate(inputs.map((vector) => valueAt(vector, row)));
    } catch (error) {
      failed.set(row, explainRow(atRow(onlyFault(error), row), place, values) as Fault);
    }
  }
}

export const atRow = ({ code, message, hint, facts }: Fault, row: number): Fault =>
  new Fault(code, message, { hint, facts: { ...facts, row } });
