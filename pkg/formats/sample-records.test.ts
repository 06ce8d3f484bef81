import { FIELD_TYPES } from "#pkg/value";
import { describe, expect, test } from "vitest";
import { closureScanner } from "./closure-scanner.ts";
import { planColumns } from "./column-plan.ts";
import { sampleRecords } from "./sample-records.ts";
import { ScanState } from "./scan-state.ts";
import type { CsvReader } from "./types.ts";

const LAYOUTS = ["2006-01-02 15:04:05.000", "02/01/2006", "2006-01-02T15:04:05"];

/** One column of every type and layout, with cells that nobody reads between them. */
function readerOf(separator: string): CsvReader {
  const types = [
    ...FIELD_TYPES.filter((type) => type !== "datetime").map((type) => ({ type, format: "" })),
    ...LAYOUTS.map((format) => ({ type: "datetime" as const, format })),
  ];
  const columns = types.map(({ type, format }, at) => ({
    name: `c${at}`,
    type,
    header: `c${at}`,
    index: at * 2,
    format,
    defaultText: "",
  }));
  return { separator, headerIndex: -1, firstDataIndex: 0, byHeader: false, columns };
}

describe("records that a new scanner is tried on", () => {
  test.each([",", ";", "\t"])("all of them can be read, separator %j", (separator) => {
    const reader = readerOf(separator);
    const positions = reader.columns.map(({ index }) => index);
    const plan = planColumns(reader, reader.columns.length * 2, positions);
    const { bytes, end } = sampleRecords(plan);
    const window = { bytes, start: 0, end, final: true };
    const state = new ScanState(window, plan, reader, { url: "", node: "" });
    state.lines.begin(1);
    for (const { builder } of plan.columns) builder.begin(end);
    const rows = closureScanner(plan)(state, window, end);
    expect(state.fault).toBeUndefined();
    expect(rows).toBe(12);
    expect(state.position).toBe(end);
  });
});
