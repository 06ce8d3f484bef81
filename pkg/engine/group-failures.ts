import { withoutTraces, type Fault } from "#pkg/fault";
import type { FailedRow } from "./failing-rows.ts";
import type { FailingRows } from "./lookup-filter.ts";
import type { Pairs } from "./pair-scope.ts";
import { rowsAt } from "./row-lists.ts";

/** Stands before the first field. */
const FILTER = -1;

interface GroupFailure {
  /** Number of the field that fails, or FILTER. */
  readonly field: number;
  readonly fault: Fault;
}

/** Left rows of a grouped lookup that fail, with what explains them; one fault a left row. */
export class GroupFailures {
  private readonly failures = new Map<number, GroupFailure>();

  /** The filter, else the first failing field explains a left row, whichever pair of it fails for that first. */
  add(row: number, field: number, fault: Fault): void {
    const known = this.failures.get(row);
    if (known === undefined || field < known.field) this.failures.set(row, { field, fault });
  }

  /** Pairs of which the filter can tell that they match; the left rows of the others fail, without `rejects` the first one throws. */
  decided({ left, right }: Pairs, failing: FailingRows, rejects: boolean): Pairs {
    return withoutTraces(() => {
      const positions = new Int32Array(left.length);
      let count = 0;
      for (let at = 0; at < left.length; at += 1) {
        const [row, other] = [left[at] as number, right[at] as number];
        if (failing.flags[other] === 0) positions[count++] = at;
        else if (!rejects) throw failing.faultOf(other);
        else if (this.failures.get(row)?.field !== FILTER)
          this.add(row, FILTER, failing.faultOf(other));
      }
      const kept = positions.subarray(0, count);
      return { left: rowsAt(left, kept), right: rowsAt(right, kept) };
    });
  }

  without(rows: Int32Array): Int32Array {
    return this.failures.size === 0 ? rows : rows.filter((row) => !this.failures.has(row));
  }

  get rows(): readonly FailedRow[] {
    return [...this.failures]
      .map(([row, { fault }]) => ({ row, fault }))
      .toSorted((a, b) => a.row - b.row);
  }
}
