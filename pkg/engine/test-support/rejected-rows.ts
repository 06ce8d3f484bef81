import { readRejected, type RejectedRow } from "#pkg/table";
import type { ScriptRun } from "./run-script.ts";

/** Rejected rows of a node in the order of its batches, waived ones included. */
export async function rejectedRowsOf(
  run: ScriptRun,
  node: string,
): Promise<readonly RejectedRow[]> {
  const rows: RejectedRow[] = [];
  for (const { unit, token, outcome } of run.committed(node, "rows")) {
    const place = { incarnation: "inc", run: 1, node, phase: "rows", unit, token };
    for await (const piece of readRejected(run.tables, place, outcome.rejects?.length ?? 0))
      rows.push(...piece);
  }
  return rows;
}
