import { civilFromDays, layoutShape, type LayoutField, type LayoutPart } from "#pkg/value";
import { putDigits } from "./byte-sink.ts";
import type { CellEncoder } from "./cell-encoder.ts";
import type { Quoting } from "./quoting.ts";

const DAY_MS = 86_400_000;
/** Milliseconds of the years 1 to 9999, which have four digits. */
const FIRST_MS = Date.UTC(2001, 0, 1) - 730_485 * DAY_MS;
const END_MS = Date.UTC(10_000, 0, 1);

/** Parts of the instant at hand; days repeat from row to row, so the calendar is asked only when they change. */
class Clock {
  readonly parts: Record<LayoutPart, number> = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    fraction: 0,
  };
  #day = 0;

  set(ms: number): void {
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.#day) this.#setDay(day);
    const rest = ms - day * DAY_MS;
    const seconds = (rest / 1000) | 0;
    const { parts } = this;
    parts.hour = (seconds / 3600) | 0;
    parts.minute = ((seconds / 60) | 0) % 60;
    parts.second = seconds % 60;
    parts.fraction = rest - seconds * 1000;
  }

  #setDay(day: number): void {
    this.#day = day;
    const civil = civilFromDays(day);
    this.parts.year = civil.year;
    this.parts.month = civil.month;
    this.parts.day = civil.day;
  }
}

/** Fraction digits are those of milliseconds, cut or filled with zeros. */
function putFraction(bytes: Uint8Array, at: number, milliseconds: number, digits: number): void {
  let rest = milliseconds;
  for (let i = 0, unit = 100; i < digits; i++, unit /= 10) {
    const digit = unit >= 1 ? (rest / unit) | 0 : 0;
    rest -= digit * unit;
    bytes[at + i] = 48 + digit;
  }
}

function putField(bytes: Uint8Array, at: number, field: LayoutField, clock: Clock): void {
  const value = clock.parts[field.part];
  if (field.part === "fraction") putFraction(bytes, at, value, field.digits);
  else putDigits(bytes, at, value, field.digits);
}

/** Longest fraction that printing does not cut. */
const MAX_FRACTION = 9;

/** Layouts of digits at fixed places, straight from milliseconds; `general` writes the others. */
export function datetimeEncoder(
  layout: string,
  general: CellEncoder,
  quoting: Quoting,
): CellEncoder {
  const shape = layoutShape(layout);
  const simple = shape?.fields.every(({ digits }) => digits <= MAX_FRACTION) ?? false;
  if (shape === undefined || !simple || quoting.mayQuote(`${layout}0123456789`)) return general;
  const { fields, length } = shape;
  const template = new TextEncoder().encode(layout);
  const clock = new Clock();
  return (vector, out) => {
    if (vector.type !== "datetime" || "exact" in vector) return general(vector, out);
    const { values } = vector;
    const slowly = general(vector, out);
    return (row) => {
      const ms = values[row] as number;
      if (!(ms >= FIRST_MS && ms < END_MS)) {
        slowly(row);
        return;
      }
      clock.set(ms);
      out.copy(template, 0, length);
      const start = out.at - length;
      for (const field of fields) putField(out.bytes, start + field.at, field, clock);
    };
  };
}
