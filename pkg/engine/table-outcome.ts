import type { RowCounts, UnitOutcome } from "#pkg/workflow";
import { NO_ROWS } from "./accounting.ts";
import { rejectedCounts, type RejectedRows } from "./rejected-rows.ts";
import type { TableWriter } from "./table-writer.ts";

/** Ends the writer of a unit that wrote a table: its outcome, with `counts` for what writer and rejected rows do not count themselves. */
export async function tableOutcome(
  writer: TableWriter,
  rejected: RejectedRows,
  counts: Pick<RowCounts, "read" | "filtered"> &
    Partial<Pick<RowCounts, "duplicates" | "corrected">>,
): Promise<UnitOutcome> {
  const all = { ...NO_ROWS, ...rejectedCounts(rejected), ...counts, written: writer.rows };
  return { counts: all, ...(await writer.finish()) };
}
