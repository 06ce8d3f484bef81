import { civilFromDays, daysFromCivil, type Civil } from "./calendar.ts";
import { defaultValue, type DateTime } from "./value.ts";

/** A zone of an instant: `name` as in DateTime.zone. */
export interface Zone {
  readonly name: string;
  /** Seconds east of UTC. */
  readonly offset: number;
}

export const UTC: Zone = { name: "UTC", offset: 0 };

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const MS_PER_SECOND = 1000;
export const SECONDS_PER_DAY = 86_400;

/** Date and clock of an instant as its own zone shows them. */
export interface ClockTime extends Civil {
  /** Days since 1970-01-01 of the local date. */
  readonly days: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly zone: Zone;
}

/** 0001-01-01T00:00:00Z */
export const defaultDateTime: DateTime = defaultValue("datetime");

const floorDiv = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
};

/** Whole seconds since 1970 (floor) and the nanoseconds of the second. */
export function secondsOf(value: DateTime): {
  readonly seconds: number;
  readonly nanosecond: number;
} {
  const seconds = floorDiv(value.ns, NS_PER_SECOND);
  return { seconds: Number(seconds), nanosecond: Number(value.ns - seconds * NS_PER_SECOND) };
}

/** An instant in UTC; `ms` is integral. */
export const dateTimeFromMs = (ms: number): DateTime => ({
  ns: BigInt(ms) * NS_PER_MS,
  offset: 0,
  zone: "UTC",
});

/** Milliseconds since 1970 UTC, finer digits cut (floor). */
export const dateTimeToMs = (value: DateTime): number => Number(floorDiv(value.ns, NS_PER_MS));

/** The instant that a clock in `zone` shows `seconds` (counted as if the clock were in UTC) and `nanosecond`. */
export const dateTimeFromClock = (seconds: number, nanosecond: number, zone: Zone): DateTime => ({
  ns: BigInt(seconds - zone.offset) * NS_PER_SECOND + BigInt(nanosecond),
  offset: zone.offset,
  zone: zone.name,
});

function clockFrom(seconds: number, nanosecond: number, zone: Zone): ClockTime {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  const { year, month, day } = civilFromDays(days);
  const minutes = Math.floor(rest / 60);
  const hour = Math.floor(minutes / 60);
  return {
    year,
    month,
    day,
    days,
    hour,
    minute: minutes % 60,
    second: rest % 60,
    nanosecond,
    zone,
  };
}

export function clockOf(value: DateTime): ClockTime {
  const { seconds, nanosecond } = secondsOf(value);
  const zone = { name: value.zone, offset: value.offset };
  return clockFrom(seconds + value.offset, nanosecond, zone);
}

/** `clockOf` of stored milliseconds. */
export function clockOfMs(ms: number): ClockTime {
  const seconds = Math.floor(ms / MS_PER_SECOND);
  return clockFrom(seconds, (ms - seconds * MS_PER_SECOND) * 1_000_000, UTC);
}

/** Arguments of time.Date; all but `month` (1-12) may be out of range and carry over. */
export interface DateParts {
  readonly year: bigint | number;
  readonly month: number;
  readonly day: bigint | number;
  readonly hour: bigint | number;
  readonly minute: bigint | number;
  readonly second: bigint | number;
  readonly nanosecond: bigint | number;
  readonly zone: Zone;
}

const YEARS_IN_ERA = 400n;
const DAYS_IN_ERA = 146_097n;

/** The instant of time.Date (spec/expressions.md 3.2). */
export function dateFromParts(parts: DateParts): DateTime {
  const { zone } = parts;
  const year = BigInt(parts.year);
  const era = floorDiv(year, YEARS_IN_ERA);
  const first = BigInt(daysFromCivil(Number(year - era * YEARS_IN_ERA), parts.month, 1));
  const days = era * DAYS_IN_ERA + first + BigInt(parts.day) - 1n;
  const minutes = (days * 24n + BigInt(parts.hour)) * 60n + BigInt(parts.minute);
  const seconds = minutes * 60n + BigInt(parts.second) - BigInt(zone.offset);
  const ns = seconds * NS_PER_SECOND + BigInt(parts.nanosecond);
  return { ns, offset: zone.offset, zone: zone.name };
}
