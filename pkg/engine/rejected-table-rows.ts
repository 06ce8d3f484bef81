import type { Rowset } from "#pkg/rowset";
import type { TableReaderNode } from "#pkg/script";
import { tableTypes } from "./node-code.ts";
import { rejectedByExpression } from "./rejected-rows.ts";
import type { SetAsideRow } from "#pkg/table";
import type { FailedRow } from "./failing-rows.ts";
import { textsOfRow } from "./texts-of-row.ts";
import type { NodeContext } from "./types.ts";

/** Rows of the source table of a node as rejected rows; `numberOf` is their visible position in it. */
export function rejectedTableRows(
  context: NodeContext<TableReaderNode>,
  rowset: Rowset,
  failed: readonly FailedRow[],
  numberOf: (row: number) => number,
): readonly SetAsideRow[] {
  if (failed.length === 0) return [];
  const { node, task, script } = context;
  const types = tableTypes(script, node.reader.table);
  const columns = [...types]
    .filter(([name]) => rowset.columns.has(name))
    .map(([name, type]) => ({ name, type }));
  const source = { input: task.verdict.reader?.manifest ?? "", file: node.reader.table };
  return failed.map(({ row, fault }) =>
    rejectedByExpression(fault, {
      line: numberOf(row) + 1,
      values: textsOfRow(columns, rowset.columns, row),
      ...source,
    }),
  );
}
