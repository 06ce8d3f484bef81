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

const PARTS = {
  "2006": "year",
  "01": "month",
  "02": "day",
  "15": "hour",
  "04": "minute",
  "05": "second",
} as const;

type Part = (typeof PARTS)[keyof typeof PARTS];

const TOKEN = /2006|01|02|15|04|05|[.,]0+(?!\d)|[-/:.,TZ ]/gy;
const MAX_FRACTION = 9;

/** Layout text cut into known tokens; undefined when something else is in it. */
function tokensOf(layout: string): string[] | undefined {
  const tokens = layout.match(TOKEN) ?? [];
  return tokens.join("") === layout ? tokens : undefined;
}

interface Draft extends Record<Part | "fraction" | "fractionDigits" | "length", number> {
  literals: { offset: number; byte: number }[];
}

function place(draft: Draft, token: string): boolean {
  const part = PARTS[token as keyof typeof PARTS] as Part | undefined;
  if (part !== undefined) {
    if (draft[part] >= 0) return false;
    draft[part] = draft.length;
  } else {
    // digits after a point behind the seconds are a fraction even where the layout goes on with something else
    const afterSeconds = draft.second >= 0 && draft.length === draft.second + 2;
    if (afterSeconds && (token === "." || token === ",")) return false;
    draft.literals.push({ offset: draft.length, byte: token.charCodeAt(0) });
    if (token.length > 1) {
      if (!afterSeconds) return false;
      draft.fraction = draft.length + 1;
      draft.fractionDigits = token.length - 1;
    }
  }
  draft.length += token.length;
  return true;
}

/**
 * Fixed places of a layout that has year, month and day, all of full width; undefined for every other layout. A cell
 * that has exactly this shape means what the general layout parser says; other cells may still fit the layout.
 */
export function dateShape(layout: string): DateShape | undefined {
  const tokens = tokensOf(layout);
  if (tokens === undefined) return undefined;
  const absent = { year: -1, month: -1, day: -1, hour: -1, minute: -1, second: -1 };
  const draft: Draft = { ...absent, fraction: -1, fractionDigits: 0, length: 0, literals: [] };
  if (!tokens.every((token) => place(draft, token))) return undefined;
  const complete = draft.year >= 0 && draft.month >= 0 && draft.day >= 0;
  return complete && draft.fractionDigits <= MAX_FRACTION ? draft : undefined;
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

/** Milliseconds of a cell that has the shape exactly and lies in the years 1900-2099 without finer digits; else NaN. */
export function parseShape(shape: DateShape, bytes: Uint8Array, from: number, to: number): number {
  if (to - from !== shape.length) return Number.NaN;
  for (const { offset, byte } of shape.literals)
    if (bytes[from + offset] !== byte) return Number.NaN;
  const year = two(bytes, from + shape.year) * 100 - FIRST_YEAR;
  const yearEnd = two(bytes, from + shape.year + 2);
  const month = two(bytes, from + shape.month);
  const dayOfMonth = two(bytes, from + shape.day);
  if ((year !== 0 && year !== 100) || yearEnd > 99 || month > 12 || dayOfMonth > 31)
    return Number.NaN;
  const day = DAY_NUMBERS[(year + yearEnd) * 512 + month * 32 + dayOfMonth] as number;
  const hour = partOr0(bytes, from, shape.hour);
  const minute = partOr0(bytes, from, shape.minute);
  const second = partOr0(bytes, from, shape.second);
  if (day === NO_DAY || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return (
    day * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs(shape, bytes, from)
  );
}
