import type { CompiledExpression } from "#pkg/expression";
import { Fault, onlyFault, withoutTraces } from "#pkg/fault";
import { valueAt, type Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { inputsOf, scopeOf, selectRows, valuesOf, type RowNames } from "./evaluate.ts";
import { isRowFault } from "./failing-rows.ts";
import { tableRowNames } from "./left-rows.ts";
import { NUMBER_COLUMN, numbersOf } from "./row-numbers.ts";
import type { NodeContext } from "./types.ts";

/** What the filter says about right rows. */
export interface FilteredRows {
  /** 1 for the rows that may match; undefined: all of them. */
  readonly flags: Uint8Array | undefined;
  readonly failing: FailingRows | undefined;
}

/**
 * Right rows for which the filter fails. They match as if it had let them pass, so that whoever meets such a pair knows that it
 * cannot be decided; a failing row that nothing matches does no harm.
 */
export interface FailingRows {
  /** 1 for these rows. */
  readonly flags: Uint8Array;
  readonly faultOf: (row: number) => Fault;
}

/** All rows at once; when a row fails, one by one. */
export function filterRight(context: NodeContext<LookupNode>, rowset: Rowset): FilteredRows {
  const { filter } = context.code;
  if (filter === undefined) return { flags: undefined, failing: undefined };
  const { rows } = rowset;
  const names = rightRowNames(context, rowset);
  try {
    const scope = scopeOf("l", rowset.columns);
    const kept = selectRows(filter, { scope, rows, names }, "filter");
    if (kept === undefined) return { flags: undefined, failing: undefined };
    const flags = new Uint8Array(rows);
    for (const row of kept) flags[row] = 1;
    return { flags, failing: undefined };
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return withoutTraces(() => oneByOne(filter, rowset, names));
  }
}

function rightRowNames({ node }: NodeContext<LookupNode>, rowset: Rowset): RowNames {
  const { table } = node.lookup;
  const isWhole = !rowset.columns.has(NUMBER_COLUMN);
  const numbers = isWhole ? undefined : numbersOf(rowset);
  return {
    node: node.name,
    describe: (row) => tableRowNames(node.name, table, 0).describe(numbers?.[row] ?? row),
  };
}

function oneByOne(filter: CompiledExpression, rowset: Rowset, names: RowNames): FilteredRows {
  const inputs = inputsOf(filter, scopeOf("l", rowset.columns));
  const valuesAt = (row: number) => inputs.map((input) => valueAt(input, row));
  const flags = new Uint8Array(rowset.rows);
  const failing = new Uint8Array(rowset.rows);
  for (let row = 0; row < rowset.rows; row += 1)
    try {
      flags[row] = filter.evaluate(valuesAt(row)) === true ? 1 : 0;
    } catch (error) {
      onlyFault(error);
      flags[row] = 1;
      failing[row] = 1;
    }
  const faultOf = (row: number): Fault => {
    try {
      filter.evaluate(valuesAt(row));
    } catch (error) {
      const values = valuesOf(filter, inputs)(row);
      return filterFault(filter, onlyFault(error), names, { row, values });
    }
    throw new Fault("INTERNAL", `the filter of node ${names.node} does not fail for row ${row}`);
  };
  return { flags, failing: { flags: failing, faultOf } };
}

/** The right row is named in the reason too, because a rejected pair is named by its left row. */
function filterFault(
  { text }: CompiledExpression,
  fault: Fault,
  names: RowNames,
  { row, values }: { readonly row: number; readonly values: Readonly<Record<string, string>> },
): Fault {
  const { code, hint } = fault;
  const where = names.describe(row);
  const message = `${where.text}: ${fault.message}`;
  const facts = { ...fault.facts, ...where.facts, node: names.node, field: "filter" };
  return new Fault(code, `node ${names.node}, lookup filter, ${message}`, {
    cause: new Fault(code, message, { hint }),
    hint,
    facts: { ...facts, expression: text, values },
  });
}
