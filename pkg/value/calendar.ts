/** Whole days and clock of the proleptic Gregorian calendar; years may be zero or negative. */
export interface Civil {
  readonly year: number;
  /** 1-12 */
  readonly month: number;
  readonly day: number;
}

export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** Sunday first, as `weekday` counts. */
export const WEEKDAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] as const;
const DAYS_IN_400_YEARS = 146_097;
/** Days from 0000-03-01 to 1970-01-01; counting from March puts the leap day last in the year. */
const MARCH_EPOCH = 719_468;

const floorDiv = (value: number, divisor: number): number => Math.floor(value / divisor);

export const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** `month` is 1-12. */
export const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeapYear(year)
    ? 29
    : (DAYS_BEFORE[month] as number) - (DAYS_BEFORE[month - 1] as number);

/** Days since 1970-01-01 of a date; `day` may lie outside the month and carries over, `month` is 1-12. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = floorDiv(shifted, 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = floorDiv(153 * (month > 2 ? month - 3 : month + 9) + 2, 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100) + dayOfYear;
  return era * DAYS_IN_400_YEARS + dayOfEra - MARCH_EPOCH;
}

/** The date of a number of days since 1970-01-01. */
export function civilFromDays(days: number): Civil {
  const shifted = days + MARCH_EPOCH;
  const era = floorDiv(shifted, DAYS_IN_400_YEARS);
  const dayOfEra = shifted - era * DAYS_IN_400_YEARS;
  const leapDays =
    floorDiv(dayOfEra, 1460) - floorDiv(dayOfEra, 36_524) + floorDiv(dayOfEra, 146_096);
  const yearOfEra = floorDiv(dayOfEra - leapDays, 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  const fromMarch = floorDiv(5 * dayOfYear + 2, 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - floorDiv(153 * fromMarch + 2, 5) + 1;
  return { year: yearOfEra + era * 400 + (month > 2 ? 0 : 1), month, day };
}

/** 1-366 */
export const dayOfYear = ({ year, month, day }: Civil): number =>
  (DAYS_BEFORE[month - 1] as number) + day + (month > 2 && isLeapYear(year) ? 1 : 0);

/** Month and day of a day of the year; undefined when the year has no such day. */
export function civilFromDayOfYear(year: number, ordinal: number): Civil | undefined {
  if (ordinal < 1 || ordinal > (isLeapYear(year) ? 366 : 365)) return undefined;
  return civilFromDays(daysFromCivil(year, 1, 1) + ordinal - 1);
}

/** 0 is Sunday. */
export const weekday = (days: number): number => (((days + 4) % 7) + 7) % 7;
