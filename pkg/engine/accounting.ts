import { Fault } from "#pkg/fault";
import type { RowCounts, UnitOutcome } from "#pkg/workflow";

export const NO_ROWS: RowCounts = { read: 0, written: 0, filtered: 0, rejected: 0, duplicates: 0 };

/** SHA-256 of nothing stands for units that write no rows. */
export const emptyOutcome = (counts: Partial<RowCounts>): UnitOutcome => ({
  counts: { ...NO_ROWS, ...counts },
  chunks: [],
  bytes: 0,
  valueHash: "",
});

/**
 * Row accounting (P7), checked before an outcome leaves the engine. The rule by node kind and phase:
 *
 * - file_table, table_table, table_file, rows phase: read = written + filtered + rejected + waived; filtered = refused by `having`
 *   (and, with `top`, cut by the limit).
 * - distinct_table, rows phase: read = written + rejected + waived + duplicates; written are candidates, duplicates repeats within the batch; finish phase: read = candidates of its partitions,
 *   written = kept, duplicates = dropped. Nodes with unique indexes: finish reads keys, duplicates is 0 or the unit fails.
 * - grouped lookups: read = left rows = written + filtered + rejected + waived; filtered = left rows without a match (inner) or refused by `having`.
 * - other lookups multiply rows: read = left rows; every match and every unmatched row of a left join is a candidate, candidates =
 *   written + refused by `having` + rejected + waived (checked as `candidates`); filtered = left rows that left no row at all, not
 *   even a rejected one.
 * - custom nodes: read = source rows; every record of the processor and every row that it cannot process is a candidate, candidates =
 *   written + refused by `having` + rejected + waived (checked); filtered = source rows that left no row at all, not even a rejected one.
 * - split, shuffle: read = written = rows passed on (split: none); join: as the lookup it belongs to.
 */
export function checkCounts(what: string, expected: number, parts: readonly number[]): void {
  const sum = parts.reduce((total, part) => total + part, 0);
  if (sum !== expected)
    throw new Fault(
      "ACCOUNTING",
      `${what}: ${expected} rows in, ${parts.join(" + ")} = ${sum} rows accounted for`,
      {
        facts: { expected, parts },
      },
    );
}
