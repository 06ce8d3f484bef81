import type { Vector } from "#pkg/rowset";
import { dateTimeFromMs, dateTimeToMs, type DateTime, type Value } from "#pkg/value";
import { Exceptions, trimmed, type ColumnBuilder } from "./builder.ts";
import { textOf } from "./bytes.ts";
import { parseShape, type DateShape } from "./date-shape.ts";

type Exact = (text: string) => Value;

export class BoolBuilder implements ColumnBuilder {
  values = new Uint8Array(0);
  readonly #exact: Exact;

  constructor(exact: Exact) {
    this.#exact = exact;
  }

  begin(capacity: number): void {
    this.values = new Uint8Array(capacity);
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    this.values[row] = this.#exact(textOf(source, from, to)) === true ? 1 : 0;
  }

  finish(rows: number): Vector {
    return { type: "bool", values: trimmed(this.values, rows) };
  }
}

/** True when milliseconds and the name UTC say everything about the value. */
const isPlain = (value: DateTime): boolean =>
  value.offset === 0 && value.zone === "UTC" && value.ns % 1_000_000n === 0n;

export class DatetimeBuilder implements ColumnBuilder {
  values = new Float64Array(0);
  readonly #exact: Exact;
  readonly #shape: DateShape | undefined;
  readonly #exceptions = new Exceptions<DateTime>();

  constructor(exact: Exact, shape: DateShape | undefined) {
    this.#exact = exact;
    this.#shape = shape;
  }

  begin(capacity: number): void {
    this.values = new Float64Array(capacity);
    this.#exceptions.clear();
  }

  cell(source: Uint8Array, from: number, to: number, row: number): void {
    const ms = this.#shape === undefined ? Number.NaN : parseShape(this.#shape, source, from, to);
    if (!Number.isNaN(ms)) {
      this.values[row] = ms;
      return;
    }
    const value = this.#exact(textOf(source, from, to)) as DateTime;
    if (isPlain(value)) this.values[row] = dateTimeToMs(value);
    else this.#exceptions.set(row, value, this.values);
  }

  finish(rows: number): Vector {
    const exceptions = this.#exceptions;
    exceptions.settle(rows, this.values);
    if (exceptions.rows.length === 0)
      return { type: "datetime", values: trimmed(this.values, rows) };
    const exact: DateTime[] = [];
    for (let row = 0, next = 0; row < rows; row++) {
      if (exceptions.rows[next] === row) exact.push(exceptions.values[next++] as DateTime);
      else exact.push(dateTimeFromMs(this.values[row] as number));
    }
    return { type: "datetime", exact };
  }
}
