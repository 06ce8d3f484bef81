import { QUOTE, separatorOrFeed } from "./bytes.ts";
import { afterLineEnd, INCOMPLETE, type Window } from "./cell.ts";
import type { ColumnPlan, PlannedColumn } from "./column-plan.ts";
import type { RowScanner, ScanState } from "./scan-state.ts";

/** What is done with one cell of a record: the indexes of its columns, often one or none. */
type CellActions = readonly (readonly number[])[];

function actionsOf(plan: ColumnPlan): CellActions {
  const actions: number[][] = Array.from({ length: plan.fields }, () => []);
  plan.columns.forEach(({ position }: PlannedColumn, index) => actions[position]?.push(index));
  return actions;
}

function passCell(state: ScanState, { bytes }: Window, at: number, separator: number): number {
  if (bytes[at] === QUOTE) return state.skip(at);
  return separatorOrFeed(bytes, at, separator);
}

/** One record after the other, every cell cut exactly. */
class RecordScanner {
  readonly #actions: CellActions;
  readonly #separator: number;

  constructor(plan: ColumnPlan) {
    this.#actions = actionsOf(plan);
    this.#separator = plan.separator;
  }

  /** Position behind the record that begins at `state.rowStart`, or INCOMPLETE. */
  read(state: ScanState, window: Window, row: number): number {
    const last = this.#actions.length - 1;
    let p = state.rowStart;
    for (let field = 0; ; field++, p++) {
      p = this.#cell(state, window, p, { field, row });
      if (p === INCOMPLETE) return INCOMPLETE;
      if (field === last) break;
      if (window.bytes[p] !== this.#separator) return state.ragged(row);
    }
    const end = afterLineEnd(window.bytes, p);
    return end < 0 ? state.ragged(row) : end;
  }

  #cell(
    state: ScanState,
    window: Window,
    at: number,
    { field, row }: { field: number; row: number },
  ): number {
    const columns = this.#actions[field] as readonly number[];
    if (columns.length === 0) return passCell(state, window, at, this.#separator);
    let end = INCOMPLETE;
    for (const index of columns) {
      end = state.cell(index, at, row);
      if (end === INCOMPLETE) return INCOMPLETE;
    }
    return end;
  }
}

/** The straightforward row scanner, for wide records and as the oracle of the generated one. */
export function closureScanner(plan: ColumnPlan): RowScanner {
  const records = new RecordScanner(plan);
  return (state, window, capacity) => {
    const { bytes, end } = window;
    const limit = window.final ? end + 1 : end;
    let row = state.firstRow;
    let p = window.start;
    while (p < end && row < capacity) {
      state.rowStart = p;
      const blank = afterLineEnd(bytes, p);
      const next = blank >= 0 ? blank : records.read(state, window, row);
      if (next === INCOMPLETE || next > limit) break;
      p = next;
      if (blank >= 0) state.lines.add(row, 1);
      else {
        if (state.multiline) state.endMultiline(row, p);
        row++;
      }
    }
    state.position = Math.min(p, end);
    return row;
  };
}
