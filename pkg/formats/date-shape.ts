import { layoutShape, type LayoutPart } from "#pkg/value";

/** A time layout in which every part has a fixed place; offsets are relative to the start of the cell, -1 for absent parts. */
export interface DateShape {
  readonly length: number;
  readonly literals: readonly { readonly offset: number; readonly byte: number }[];
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Offset of the first digit after the point. */
  readonly fraction: number;
  readonly fractionDigits: number;
}

const MAX_FRACTION = 9;
/** Cells up to this length can be looked at without bounds checks. */
const MAX_LENGTH = 48;

/**
 * Fixed places of a layout that has year, month and day and no finer digits than nanoseconds; undefined for other layouts.
 * A cell that has exactly this shape means what the general layout parser says; other cells may still fit the layout.
 */
export function dateShape(layout: string): DateShape | undefined {
  const shape = layoutShape(layout);
  if (shape === undefined || shape.length > MAX_LENGTH) return undefined;
  const at = (part: LayoutPart): number =>
    shape.fields.find((field) => field.part === part)?.at ?? -1;
  const fraction = shape.fields.find((field) => field.part === "fraction");
  const [year, month, day] = [at("year"), at("month"), at("day")];
  const fractionDigits = fraction?.digits ?? 0;
  if (year < 0 || month < 0 || day < 0 || fractionDigits > MAX_FRACTION) return undefined;
  return {
    length: shape.length,
    literals: shape.literals.map((literal) => ({ offset: literal.at, byte: literal.byte })),
    year,
    month,
    day,
    hour: at("hour"),
    minute: at("minute"),
    second: at("second"),
    fraction: at("fraction"),
    fractionDigits,
  };
}

/** Two ASCII digits, by first byte * 256 + second byte; 255 for anything else. */
export const TWO_DIGITS = new Uint8Array(65_536).fill(255);
for (let n = 0; n < 100; n++) TWO_DIGITS[(48 + Math.floor(n / 10)) * 256 + 48 + (n % 10)] = n;

export const FIRST_YEAR = 1900;
const YEARS = 200;
export const NO_DAY = -2_147_483_648;

/** Days since 1970 by (year - 1900) * 512 + month * 32 + day; NO_DAY where the calendar has no such day. */
export const DAY_NUMBERS = new Int32Array(YEARS * 512).fill(NO_DAY);
{
  const days = Date.UTC(FIRST_YEAR + YEARS, 0, 1) / 86_400_000;
  const date = new Date(0);
  for (let day = Date.UTC(FIRST_YEAR, 0, 1) / 86_400_000; day < days;) {
    date.setTime(day * 86_400_000);
    const row = (date.getUTCFullYear() - FIRST_YEAR) * 512 + (date.getUTCMonth() + 1) * 32;
    const length = new Date(
      Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0),
    ).getUTCDate();
    for (let d = 1; d <= length; d++) DAY_NUMBERS[row + d] = day++;
  }
}

const two = (bytes: Uint8Array, at: number): number =>
  TWO_DIGITS[((bytes[at] as number) << 8) | (bytes[at + 1] as number)] as number;

function fractionMs(shape: DateShape, bytes: Uint8Array, from: number): number {
  let ms = 0;
  for (let i = 0; i < Math.max(3, shape.fractionDigits); i++) {
    const digit = i < shape.fractionDigits ? (bytes[from + shape.fraction + i] as number) - 48 : 0;
    if (digit < 0 || digit > 9 || (i > 2 && digit > 0)) return Number.NaN;
    if (i < 3) ms = ms * 10 + digit;
  }
  return ms;
}

const partOr0 = (bytes: Uint8Array, from: number, offset: number): number =>
  offset < 0 ? 0 : two(bytes, from + offset);

/** Days since 1970, or NO_DAY for dates that do not exist and those outside the table. */
function dayNumber(shape: DateShape, bytes: Uint8Array, from: number): number {
  const century = two(bytes, from + shape.year);
  const yearOfCentury = two(bytes, from + shape.year + 2);
  const month = two(bytes, from + shape.month);
  const day = two(bytes, from + shape.day);
  if ((century !== 19 && century !== 20) || yearOfCentury > 99 || month > 12 || day > 31)
    return NO_DAY;
  return DAY_NUMBERS[
    (century * 100 + yearOfCentury - FIRST_YEAR) * 512 + month * 32 + day
  ] as number;
}

/** Milliseconds of a cell that has the shape exactly and lies in the years 1900-2099 without finer digits; else NaN. */
export function parseShape(shape: DateShape, bytes: Uint8Array, from: number, to: number): number {
  if (to - from !== shape.length) return Number.NaN;
  for (const { offset, byte } of shape.literals)
    if (bytes[from + offset] !== byte) return Number.NaN;
  const day = dayNumber(shape, bytes, from);
  const hour = partOr0(bytes, from, shape.hour);
  const minute = partOr0(bytes, from, shape.minute);
  const second = partOr0(bytes, from, shape.second);
  if (day === NO_DAY || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return (
    day * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs(shape, bytes, from)
  );
}
