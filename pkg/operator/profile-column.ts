import { hashKeys, textsOf, type Column } from "#pkg/rowset";
import { compareUtf8, floatToText, valueToText, type FieldType } from "#pkg/value";
import { DistinctEstimate } from "./distinct-estimate.ts";
import { FrequentValues, type Scalar } from "./frequent-values.ts";

/** What the values of one column look like. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: FieldType;
  readonly rows: number;
  /** Empty texts, or times that were never set; null for types without an empty value. */
  readonly empty: number | null;
  readonly distinct: number;
  readonly isDistinctExact: boolean;
  /** As text; null when there are no rows. */
  readonly min: string | null;
  readonly max: string | null;
  readonly top: readonly { readonly value: string; readonly rows: number }[];
  /** Rows that a value of `top` may have beyond what it says; 0: exact. */
  readonly topError: number;
}

const DEFAULT_DATETIME_MS = -62_135_596_800_000;
const LONGEST_TEXT = 200;

/** Gathers the profile of one column block by block; memory is that of FrequentValues and four kilobytes. */
export class ColumnProfiler {
  readonly #name: string;
  readonly #type: FieldType;
  readonly #distinct = new DistinctEstimate();
  readonly #values: FrequentValues;
  #rows = 0;
  #empty = 0;
  #min: Scalar | undefined;
  #max: Scalar | undefined;

  constructor(field: { readonly name: string; readonly type: FieldType }, limit: number) {
    this.#name = field.name;
    this.#type = field.type;
    this.#values = new FrequentValues(limit);
  }

  add(column: Column, rows: number): void {
    this.#rows += rows;
    this.#distinct.add(hashKeys([column], rows));
    const counts = column.type === "string" ? textCounts(column, rows) : numberCounts(column, rows);
    for (const [value, count] of counts) this.#addValue(value, count);
  }

  #addValue(value: Scalar, rows: number): void {
    if (value === "" || (this.#type === "datetime" && value === DEFAULT_DATETIME_MS))
      this.#empty += rows;
    this.#values.add(shortened(value), rows);
    if (Number.isNaN(value)) return;
    if (this.#min === undefined || isBefore(value, this.#min)) this.#min = value;
    if (this.#max === undefined || isBefore(this.#max, value)) this.#max = value;
  }

  result(most: number): ColumnProfile {
    const type = this.#type;
    const exact = this.#values.distinct;
    const text = (value: Scalar | undefined): string | null =>
      value === undefined ? null : scalarText(type, shortened(value));
    return {
      name: this.#name,
      type,
      rows: this.#rows,
      empty: type === "string" || type === "datetime" ? this.#empty : null,
      // The estimate may be some percent too high, but not higher than there are rows.
      distinct: exact ?? Math.min(this.#distinct.count(), this.#rows),
      isDistinctExact: exact !== undefined,
      min: text(this.#min),
      max: text(this.#max),
      top: this.#values
        .top(most)
        .map(({ value, rows }) => ({ value: scalarText(type, value), rows })),
      topError: this.#values.error,
    };
  }
}

const isBefore = (a: Scalar, b: Scalar): boolean =>
  typeof a === "string" ? compareUtf8(a, String(b)) < 0 : a < (b as number | bigint);

/** Long texts are told apart by their length and beginning only; that is enough for a profile. */
const shortened = (value: Scalar): Scalar =>
  typeof value === "string" && value.length > LONGEST_TEXT
    ? `${value.slice(0, LONGEST_TEXT)}… (${value.length} characters)`
    : value;

type TextColumn = Extract<Column, { readonly type: "string" }>;

function textCounts(column: TextColumn, rows: number): Iterable<readonly [string, number]> {
  const texts = textsOf(column);
  const { codes } = column;
  if (codes === undefined) return countOf(texts.slice(0, rows));
  const counts = new Float64Array(texts.length);
  for (const code of codes) counts[code] = (counts[code] as number) + 1;
  return texts
    .map((text, at) => [text, counts[at] as number] as const)
    .filter(([, count]) => count > 0);
}

function numberCounts(
  column: Exclude<Column, TextColumn>,
  rows: number,
): Iterable<readonly [Scalar, number]> {
  const { values } = column;
  if (!(values instanceof BigInt64Array)) return countOf(values.subarray(0, rows));
  return countOf(Array.from(values.subarray(0, rows), smallest));
}

/** One form for one number, whichever a block holds it in. */
const smallest = (value: bigint): Scalar =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

function countOf<Value extends Scalar>(values: Iterable<Value>): ReadonlyMap<Value, number> {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function scalarText(type: FieldType, value: Scalar): string {
  switch (type) {
    case "string":
    case "int":
      return String(value);
    case "float":
      return floatToText(Number(value));
    case "decimal2":
      return valueToText(type, { digits: BigInt(value), scale: 2 });
    case "bool":
      return value === 1 ? "true" : "false";
    case "datetime":
      return valueToText(type, { ns: BigInt(value) * 1_000_000n, offset: 0, zone: "UTC" });
  }
}
