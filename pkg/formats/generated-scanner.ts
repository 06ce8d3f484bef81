import type { ColumnBuilder } from "./builder.ts";
import { LF } from "./bytes.ts";
import type { Window } from "./cell.ts";
import { withNewBuilders, type ColumnPlan, type PlannedColumn } from "./column-plan.ts";
import { dateCellOf } from "./date-cells.ts";
import { boolCell, decimalCell, floatCell, intCell, type CellScan } from "./plain-cells.ts";
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
  if (b[p++] !== ${separator}) { p = -2; break rows; }
}`;

const skipLastCode = (separator: number): string => `
if (b[p] === 34) { if ((p = S.skip(p)) < 0) break rows; }
else while ((c = b[p]) !== ${separator} && c !== 10) p++;`;

const afterCell = (separator: number): string =>
  `if (b[p++] !== ${separator}) { p = -2; break rows; }`;

const AFTER_RECORD = `
if (b[p] === 13) p++;
if (b[p++] !== 10) { p = -2; break rows; }`;

/** The cell scanner of a column; undefined where every cell is read exactly, and for texts, whose builder scans them. */
function cellScanOf({ column, shape }: PlannedColumn): CellScan | undefined {
  if (column.type === "datetime") return shape === undefined ? undefined : dateCellOf(shape);
  return column.type === "string" || column.format !== "" ? undefined : PLAIN_CELLS[column.type];
}

const PLAIN_CELLS = {
  int: intCell,
  decimal2: decimalCell,
  float: floatCell,
  bool: boolCell,
} as const;

/** A column with its index in the plan: the suffix of its names in the code. */
type Target = PlannedColumn & { readonly index: number };

/** Reads one cell from s and leaves p at its terminator, or leaves the loop `rows` with p < 0. */
function cellCode(target: Target, separator: number): string {
  const { column, index } = target;
  const exact = `(p = S.cell(${index}, s, row)) < 0`;
  if (column.type === "string" && column.format === "")
    return `if ((p = C${index}.scan(b, s, ${separator}, row)) < 0 && ${exact}) break rows;`;
  return cellScanOf(target) === undefined
    ? `if (${exact}) break rows;`
    : `if ((p = F${index}(b, s, row, A${index})) < 0 && ${exact}) break rows;`;
}

/** Code for a wanted cell: its columns one after the other, each from the start of the cell. */
const fieldCode = (columns: readonly Target[], separator: number): string =>
  ["s = p;", ...columns.map((target) => cellCode(target, separator))].join("\n");

function recordCode(plan: ColumnPlan): string {
  const parts: string[] = [];
  let skipped = 0;
  for (let field = 0; field < plan.fields; field++) {
    const isLast = field === plan.fields - 1;
    const columns = plan.columns
      .map((column, index): Target => ({ ...column, index }))
      .filter(({ position }) => position === field);
    if (columns.length === 0 && !isLast) {
      skipped++;
      continue;
    }
    if (skipped > 0) parts.push(skipCode(skipped, plan.separator));
    skipped = 0;
    parts.push(
      columns.length === 0 ? skipLastCode(plan.separator) : fieldCode(columns, plan.separator),
    );
    parts.push(isLast ? AFTER_RECORD : afterCell(plan.separator));
  }
  return parts.join("\n");
}

/** C: builders, F: their cell scanners, A: where those write. */
const names = ({ columns, separator, fields }: ColumnPlan): string =>
  columns
    .map(({ column, position }, i) => {
      const target = `{ values: C${i}.values, end: ${position === fields - 1 ? LF : separator} }`;
      return (
        `const C${i} = B[${i}].builder, F${i} = B[${i}].cell;` +
        (column.type === "string" ? "" : ` const A${i} = ${target};`)
      );
    })
    .join("\n");

const scannerCode = (plan: ColumnPlan): string => `
return function scan(S, W, capacity, B) {
  const b = W.bytes, end = W.end, limit = W.limit;
  ${names(plan)}
  let p = W.start, row = S.firstRow, t = p, c = 0, s = 0, n = 0;
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
  if (p === -2) S.ragged(row);
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
  columns: readonly { readonly builder: ColumnBuilder; readonly cell: CellScan | undefined }[],
) => number;

/** Scanners by their code, so that the next file with the same schema finds an optimised one. */
const known = new Map<string, Scan>();
const MAX_KNOWN = 256;

function compile(code: string): Scan {
  // eslint-disable-next-line typescript/no-implied-eval
  return (new Function(code) as () => Scan)();
}

function bind(scan: Scan, { columns }: ColumnPlan): RowScanner {
  const targets = columns.map((column) => ({ builder: column.builder, cell: cellScanOf(column) }));
  return (state, window, capacity) => scan(state, bytesOf(window), capacity, targets);
}

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
 * A row scanner written for one schema: numbers, dates and texts go from bytes to arrays without an object, everything
 * unusual goes to the exact cell reader. Nothing but numbers made from the checked schema gets into the code.
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
