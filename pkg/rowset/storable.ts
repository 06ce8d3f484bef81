import { Fault } from "#pkg/fault";
import {
  dateTimeToMs,
  decimalToCents,
  decimalToText,
  type DateTime,
  type Decimal,
} from "#pkg/value";
import type { Column, DatetimeColumn, DecimalColumn } from "./column.ts";
import { integersFrom } from "./integers.ts";
import { isExact, type Vector } from "./vector.ts";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** Exact hundredths, half away from zero (design 5). DECIMAL_RANGE with facts.row beyond 64 bits. */
export function storeDecimals(exact: readonly Decimal[]): DecimalColumn {
  const cents = exact.map((value, row) => {
    const hundredths = decimalToCents(value);
    if (hundredths < MIN_INT64 || hundredths > MAX_INT64) {
      throw new Fault("DECIMAL_RANGE", `${decimalToText(value)} does not fit into decimal2`, {
        facts: { row },
      });
    }
    return hundredths;
  });
  return { type: "decimal2", values: integersFrom(cents) };
}

/** Zone dropped, digits finer than milliseconds cut. */
export function storeDatetimes(exact: readonly DateTime[]): DatetimeColumn {
  const values = new Float64Array(exact.length);
  for (let row = 0; row < exact.length; row++) values[row] = dateTimeToMs(exact[row] as DateTime);
  return { type: "datetime", values };
}

/** Storage normalisation: what a later node reads back. Table columns pass unchanged. */
export function storable(vector: Vector): Column {
  if (!isExact(vector)) return vector;
  return vector.type === "decimal2" ? storeDecimals(vector.exact) : storeDatetimes(vector.exact);
}
