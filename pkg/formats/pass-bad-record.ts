import { onlyFault, type Fault } from "#pkg/fault";
import type { ColumnPlan } from "./column-plan.ts";
import { cellFault, type CsvPlace } from "./csv-faults.ts";
import type { PassedRecord, ScanState } from "./scan-state.ts";
import type { BadRecord, BadRecords, CsvReader } from "./types.ts";

interface Passing extends CsvPlace {
  readonly reader: CsvReader;
  readonly badRecords: BadRecords;
}

/**
 * Takes the record whose fault is in `state` out of the way: with its corrected texts as row `row` (1), or left out (0). Undefined
 * when the record has no known end, so that its fault stays.
 */
export function passBadRecord(
  state: ScanState,
  plan: ColumnPlan,
  row: number,
  passing: Passing,
): 0 | 1 | undefined {
  const { badRecords, reader } = passing;
  const passed = state.passBad(row);
  if (passed === undefined) return undefined;
  const bad = badRecordOf(passed, plan, reader);
  const corrected = badRecords.corrected(bad);
  const fault =
    corrected === undefined
      ? bad.fault
      : storeTexts(plan, row, { ...passing, line: bad.line, texts: corrected });
  if (fault === undefined) {
    if (passed.inside > 0) state.lines.add(row + 1, passed.inside);
    return 1;
  }
  badRecords.reject({ ...bad, cells: corrected ?? bad.cells, fault });
  state.lines.add(row, 1 + passed.inside);
  return 0;
}

function badRecordOf(passed: PassedRecord, plan: ColumnPlan, reader: CsvReader): BadRecord {
  const { fault, line, texts, record } = passed;
  const cells = new Map(
    reader.columns.map(({ name }, at) => [name, texts[plan.positions[at] as number] ?? ""]),
  );
  return texts.length === plan.fields ? { line, fault, cells } : { line, fault, cells, record };
}

const encoder = new TextEncoder();

/** The fault of the first text that its column does not take, if there is one. */
function storeTexts(
  plan: ColumnPlan,
  row: number,
  place: Passing & { readonly line: number; readonly texts: ReadonlyMap<string, string> },
): Fault | undefined {
  for (const { column, builder } of plan.columns) {
    const source = encoder.encode(place.texts.get(column.name) ?? "");
    try {
      builder.cell(source, 0, source.length, row);
    } catch (error) {
      return cellFault({ ...place, column, source, from: 0, to: source.length }, onlyFault(error));
    }
  }
  return undefined;
}
