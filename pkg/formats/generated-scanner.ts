import type { ColumnBuilder } from "./builder.ts";
import type { Window } from "./cell.ts";
import { withNewBuilders, type ColumnPlan, type PlannedColumn } from "./column-plan.ts";
import { cellCode, type CellTarget } from "./generated-cells.ts";
import { DAY_NUMBERS, TWO_DIGITS } from "./date-shape.ts";
import { POWERS_OF_TEN } from "./number-builders.ts";
import { sampleRecords } from "./sample-records.ts";
import { ScanState, type RowScanner } from "./scan-state.ts";
import { StringBuilder } from "./string-builder.ts";
import type { CsvReader } from "./types.ts";

/** Larger functions are not optimised by V8. */
const MAX_GENERATED_COLUMNS = 64;
const MAX_GENERATED_FIELDS = 256;

export const isGeneratable = (plan: ColumnPlan): boolean =>
  plan.columns.length <= MAX_GENERATED_COLUMNS && plan.fields <= MAX_GENERATED_FIELDS;

/** Steps over `count` cells that no column wants; none of them is the last. */
const skipCode = (count: number, separator: number): string => `
for (n = ${count}; n > 0; n--) {
  if (b[p] === 34) { if ((p = S.skip(p)) < 0) break rows; }
  else while ((c = b[p]) !== ${separator} && c !== 10) p++;
  if (b[p++] !== ${separator}) { p = S.ragged(row); break rows; }
}`;

const skipLastCode = (separator: number): string => `
if (b[p] === 34) { if ((p = S.skip(p)) < 0) break rows; }
else while ((c = b[p]) !== ${separator} && c !== 10) p++;`;

const afterCell = (separator: number): string =>
  `if (b[p++] !== ${separator}) { p = S.ragged(row); break rows; }`;

const AFTER_RECORD = `
if (b[p] === 13) p++;
if (b[p++] !== 10) { p = S.ragged(row); break rows; }`;

/** Code for the wanted cell `field`: its columns one after the other, each from the start of the cell. */
function fieldCode(plan: ColumnPlan, columns: readonly CellTarget[], isLast: boolean): string {
  const { separator } = plan;
  const code = columns.map(
    (target, i) => (i === 0 ? "s = p;" : "p = s;") + cellCode(target, separator, isLast),
  );
  return code.join("\n");
}

function recordCode(plan: ColumnPlan): string {
  const parts: string[] = [];
  let skipped = 0;
  for (let field = 0; field < plan.fields; field++) {
    const isLast = field === plan.fields - 1;
    const columns = plan.columns
      .map((column, index): CellTarget & { position: number } => ({ ...column, index }))
      .filter(({ position }) => position === field);
    if (columns.length === 0 && !isLast) {
      skipped++;
      continue;
    }
    if (skipped > 0) parts.push(skipCode(skipped, plan.separator));
    skipped = 0;
    parts.push(
      columns.length === 0 ? skipLastCode(plan.separator) : fieldCode(plan, columns, isLast),
    );
    parts.push(isLast ? AFTER_RECORD : afterCell(plan.separator));
  }
  return parts.join("\n");
}

const arrays = (columns: readonly PlannedColumn[]): string =>
  columns
    .map(
      ({ column }, i) =>
        `const C${i} = B[${i}];` + (column.type === "string" ? "" : ` const A${i} = C${i}.values;`),
    )
    .join("\n");

const scannerCode = (plan: ColumnPlan): string => `
return function scan(S, W, capacity, B) {
  const b = W.bytes, end = W.end, limit = W.limit;
  ${arrays(plan.columns)}
  let p = W.start, row = S.firstRow, t = p, c = 0, v = 0, s = 0, q = 0, n = 0, h = 0, x = 0, y = 0, z = 0, neg = false;
  rows: while (p < end && row < capacity) {
    t = p;
    if ((c = b[p]) === 10 || (c === 13 && b[p + 1] === 10)) {
      p = c === 10 ? p + 1 : p + 2;
      if (p > limit) { p = -1; break; }
      S.lines.add(row, 1);
      continue;
    }
    S.rowStart = p;
    ${recordCode(plan)}
    if (p > limit) { p = -1; break; }
    if (S.multiline) S.endMultiline(row, p);
    row++;
  }
  S.position = p < 0 ? t : p > end ? end : p;
  return row;
}`;

/** What the code looks at of a window; made in one place, so that optimised code meets one kind of object. */
interface Bytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where a complete record ends at the latest: the line feed behind the last byte of a file stands for its line end. */
  readonly limit: number;
}

const bytesOf = ({ bytes, start, end, final }: Window): Bytes => ({
  bytes,
  start,
  end,
  limit: final ? end + 1 : end,
});

type Scan = (
  state: ScanState,
  bytes: Bytes,
  capacity: number,
  builders: readonly ColumnBuilder[],
) => number;

type Factory = (twoDigits: Uint8Array, dayNumbers: Int32Array, powers: readonly number[]) => Scan;

/** Scanners by their code, so that the next file with the same schema finds an optimised one. */
const known = new Map<string, Scan>();
const MAX_KNOWN = 256;

function compile(code: string): Scan {
  // eslint-disable-next-line typescript/no-implied-eval
  const factory = new Function("T2", "DAYS", "P10", code) as Factory;
  return factory(TWO_DIGITS, DAY_NUMBERS, POWERS_OF_TEN);
}

const bind =
  (scan: Scan, { columns }: ColumnPlan): RowScanner =>
  (state, window, capacity) =>
    scan(
      state,
      bytesOf(window),
      capacity,
      columns.map(({ builder }) => builder),
    );

function begin(builder: ColumnBuilder, plain: boolean, capacity: number): void {
  if (builder instanceof StringBuilder) builder.plain = plain;
  builder.begin(capacity);
}

/**
 * Runs a new scanner over a few records that take its rare ways. V8 optimises for what it has seen: without this, every first quote,
 * sign or exponent in a file throws the optimised code away, and compiling it again costs 20 to 60 ms of processor time each.
 */
function warmUp(scan: Scan, plan: ColumnPlan, reader: CsvReader): void {
  for (const plain of [false, true])
    for (const final of [true, false]) {
      const own = withNewBuilders(plan);
      const { bytes, end } = sampleRecords(own);
      for (const { builder } of own.columns) begin(builder, plain, end);
      const window = { bytes, start: 0, end: final ? end : end - 3, final };
      const state = new ScanState(window, own, reader, { url: "", node: "" });
      bind(scan, own)(state, window, end);
    }
}

/**
 * A row scanner written for one schema: numbers, dates and texts go from bytes to arrays inline, everything unusual goes to
 * the exact cell reader. Nothing but numbers made from the checked schema gets into the code.
 */
export function generatedScanner(plan: ColumnPlan, reader: CsvReader): RowScanner {
  const code = scannerCode(plan);
  let scan = known.get(code);
  if (scan === undefined) {
    scan = compile(code);
    warmUp(scan, plan, reader);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(code, scan);
  }
  return bind(scan, plan);
}
