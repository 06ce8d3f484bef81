import type { DateTime, Decimal, FieldType, Value, ValueOf } from "#pkg/value";
import type { Column, DatetimeColumn } from "./column.ts";
import { integerAt, integersFrom } from "./integers.ts";
import { stringColumn } from "./string-column.ts";
import { storeDatetimes, storeDecimals } from "./storable.ts";
import { encodeTexts, textAt } from "./texts.ts";
import { isExact, type Vector } from "./vector.ts";

/** A column of values that already have the type; decimals and datetimes are normalised as storage does. */
export function columnFrom(type: FieldType, values: readonly Value[]): Column {
  switch (type) {
    case "int":
      return { type, values: integersFrom(values as readonly bigint[]) };
    case "float":
      return { type, values: Float64Array.from(values as readonly number[]) };
    case "decimal2":
      return storeDecimals(values as readonly Decimal[]);
    case "string":
      return stringColumn(undefined, encodeTexts(values as readonly string[]));
    case "bool":
      return { type, values: Uint8Array.from(values as readonly boolean[], Number) };
    default:
      return storeDatetimes(values as readonly ValueOf[typeof type][]);
  }
}

const MS = 1_000_000n;
const CENTS_BITS = 64;

const fitsDecimal = ({ digits, scale }: Decimal): boolean =>
  scale <= 2 &&
  BigInt.asIntN(CENTS_BITS, digits * 10n ** BigInt(2 - scale)) ===
    digits * 10n ** BigInt(2 - scale);

/** Milliseconds are exact doubles only up to 285,000 years from 1970. */
const fitsDatetime = ({ ns, offset, zone }: DateTime): boolean =>
  offset === 0 && zone === "UTC" && ns % MS === 0n && Number.isSafeInteger(Number(ns / MS));

/** Like columnFrom, but nothing is lost: what storage would change keeps its exact form. */
export function vectorFrom(type: FieldType, values: readonly Value[]): Vector {
  if (type === "decimal2" && !(values as readonly Decimal[]).every(fitsDecimal)) {
    return { type, exact: values as readonly Decimal[] };
  }
  if (type === "datetime" && !(values as readonly DateTime[]).every(fitsDatetime)) {
    return { type, exact: values as readonly DateTime[] };
  }
  return columnFrom(type, values);
}

const dateTimeAt = ({ values }: DatetimeColumn, row: number): DateTime => ({
  ns: BigInt(values[row] as number) * MS,
  offset: 0,
  zone: "UTC",
});

export function valueAt(vector: Vector, row: number): Value {
  if (isExact(vector)) return vector.exact[row] as Value;
  switch (vector.type) {
    case "int":
      return integerAt(vector.values, row);
    case "float":
      return vector.values[row] as number;
    case "decimal2":
      return { digits: integerAt(vector.values, row), scale: 2 };
    case "string":
      return textAt(vector, row);
    case "bool":
      return vector.values[row] === 1;
    default:
      return dateTimeAt(vector, row);
  }
}

/** Rows of a vector in any form. */
export function vectorRows(vector: Vector): number {
  if (isExact(vector)) return vector.exact.length;
  if (vector.type !== "string") return vector.values.length;
  return vector.codes === undefined ? vector.offsets.length - 1 : vector.codes.length;
}

/** The same value in every row. */
export function constantColumn(type: FieldType, value: Value, rows: number): Column {
  const one = columnFrom(type, [value]);
  if (one.type === "string") return stringColumn(new Int32Array(rows), one);
  switch (one.type) {
    case "bool":
      return { type: one.type, values: new Uint8Array(rows).fill(one.values[0] as number) };
    case "float":
    case "datetime":
      return { type: one.type, values: new Float64Array(rows).fill(one.values[0] as number) };
    default:
      return { type: one.type, values: repeat(one.values, rows) };
  }
}

const repeat = (one: Float64Array | BigInt64Array, rows: number): Float64Array | BigInt64Array =>
  one instanceof Float64Array
    ? new Float64Array(rows).fill(one[0] as number)
    : new BigInt64Array(rows).fill(one[0] as bigint);
