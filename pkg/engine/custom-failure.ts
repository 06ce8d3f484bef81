import { Fault, withoutTraces } from "#pkg/fault";
import type { Records, RowFailure } from "#pkg/processor";
import { valueAt } from "#pkg/rowset";
import { formulaReferences, type CustomNode } from "#pkg/script";
import { valueToText } from "#pkg/value";
import { explainRow } from "./evaluate.ts";
import type { FailedRow } from "./failing-rows.ts";
import { tableRowNames } from "./left-rows.ts";

/** Rows that are named beside the first one. */
const MORE_NAMED = 20;

/** Source rows that could not be processed, each with its own fault. */
export const failedSourceRows = (node: CustomNode, records: Records): readonly FailedRow[] =>
  withoutTraces(() =>
    records.failures.map((failure) => ({
      row: failure.row,
      fault: failureFault(node, { ...records, failures: [failure] }) as Fault,
    })),
  );

/** The fault of the first row that failed, with its place and values; the others are counted and named by number. */
export function failureFault(node: CustomNode, records: Records): unknown {
  const { failures, block } = records;
  const [first, ...others] = failures as readonly [RowFailure, ...RowFailure[]];
  const { row, field, expression, fault } = first;
  const more = others.length === 0 ? "" : `; ${others.length} more rows beside it failed`;
  const located = new Fault(fault.code, `${fault.message}${more}`, {
    cause: fault,
    hint: fault.hint,
    facts: {
      ...fault.facts,
      row,
      alsoFailed: others.slice(0, MORE_NAMED).map((other) => block.from + other.row),
    },
  });
  const names = tableRowNames(node.name, node.reader.table, block.from);
  return explainRow(located, { field, text: expression, names }, () =>
    sourceValues(records, first),
  );
}

function sourceValues({ block }: Records, { row, expression }: RowFailure): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { prefix, name } of formulaReferences(expression)) {
    const column = prefix === "r" ? block.rowset.columns.get(name) : undefined;
    if (column !== undefined) values[`r.${name}`] = valueToText(column.type, valueAt(column, row));
  }
  return values;
}
