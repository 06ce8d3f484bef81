import type { CompiledExpression } from "#pkg/expression";
import { Fault, isFault } from "#pkg/fault";
import { hashKeys, keyColumns, valueAt, type Column, type Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { scopeOf, selectRows } from "./evaluate.ts";
import { chainRows, type HashChains } from "./hash-chains.ts";
import { tableRowNames } from "./left-rows.ts";
import { rowsetBytes } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/** Right rows in row order, ready to be probed. */
export interface RightSide {
  readonly rowset: Rowset;
  readonly keys: readonly Column[];
  readonly hashes: Uint32Array;
  readonly chains: HashChains;
  /** The filter for rows that match a key; undefined when it has been applied or there is none. */
  readonly passes: ((row: number) => boolean) | undefined;
  readonly bytes: number;
}

export function buildRightSide(context: NodeContext<LookupNode>, rowset: Rowset): RightSide {
  const { node, code } = context;
  const keys = keyColumns(rowset, node.lookup.components);
  const hashes = hashKeys(keys, rowset.rows);
  const filter = code.filter === undefined ? undefined : applyFilter(context, code.filter, rowset);
  const chains = chainRows(hashes, filter?.flags);
  const bytes =
    rowsetBytes(rowset) + hashes.byteLength + chains.heads.byteLength + chains.next.byteLength;
  return { rowset, keys, hashes, chains, passes: filter?.passes, bytes };
}

interface Filtered {
  readonly flags: Uint8Array | undefined;
  readonly passes: ((row: number) => boolean) | undefined;
}

/** All rows at once; when a row fails, row by row instead, because a failing row that nothing matches does no harm. */
function applyFilter(
  context: NodeContext<LookupNode>,
  filter: CompiledExpression,
  rowset: Rowset,
): Filtered {
  const names = tableRowNames(context.node.name, context.node.lookup.table, 0);
  try {
    const kept = selectRows(
      filter,
      { scope: scopeOf("l", rowset.columns), rows: rowset.rows, names },
      "filter",
    );
    if (kept === undefined) return { flags: undefined, passes: undefined };
    const flags = new Uint8Array(rowset.rows);
    for (const row of kept) flags[row] = 1;
    return { flags, passes: undefined };
  } catch (error) {
    if (!isFault(error) || error.code !== "EXPRESSION_ROW") throw error;
    return { flags: undefined, passes: rowFilter(context.node.name, filter, rowset) };
  }
}

function rowFilter(
  node: string,
  filter: CompiledExpression,
  rowset: Rowset,
): (row: number) => boolean {
  const scope = scopeOf("l", rowset.columns);
  const inputs = filter.inputs.map((input) => scope(input.prefix, input.name));
  const known = new Uint8Array(rowset.rows);
  return (row) => {
    if (known[row] === 0)
      known[row] = evaluateRow(
        node,
        filter,
        inputs.map((input) => valueAt(input, row)),
      )
        ? 1
        : 2;
    return known[row] === 1;
  };
}

function evaluateRow(
  node: string,
  filter: CompiledExpression,
  values: Parameters<CompiledExpression["evaluate"]>[0],
): boolean {
  try {
    return filter.evaluate(values) === true;
  } catch (error) {
    if (!isFault(error)) throw error;
    throw new Fault(error.code, `node ${node}, lookup filter: ${error.message}`, {
      cause: error,
      hint: error.hint,
      facts: { ...error.facts, node, field: "filter", expression: filter.text },
    });
  }
}
