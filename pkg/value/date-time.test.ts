import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  civilFromDays,
  dateFromParts,
  dateTimeFromMs,
  dateTimeToMs,
  daysFromCivil,
  daysInMonth,
  DEFAULT_DATETIME_MS,
  defaultDateTime,
  defaultValue,
  FIELD_TYPES,
  isFieldType,
  UTC,
  valueToText,
  type DateParts,
} from "#pkg/value";
import { civilFromDayOfYear, dayOfYear, weekday } from "./calendar.ts";

const MS_PER_DAY = 86_400_000;
const days = fc.integer({ min: -100_000_000, max: 100_000_000 });

describe("the calendar", () => {
  test("agrees with JavaScript's wherever that reaches", () => {
    fc.assert(
      fc.property(days, (day) => {
        const { year, month, day: dayOfMonth } = civilFromDays(day);
        const date = new Date(day * MS_PER_DAY);
        expect([year, month, dayOfMonth]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ]);
        expect(weekday(day)).toBe(date.getUTCDay());
        expect(daysFromCivil(year, month, dayOfMonth)).toBe(day);
        expect(dayOfMonth).toBeLessThanOrEqual(daysInMonth(year, month));
      }),
      { numRuns: 1000 },
    );
  });

  test("days of the year go there and back", () => {
    fc.assert(
      fc.property(days, (day) => {
        const date = civilFromDays(day);
        expect(civilFromDayOfYear(date.year, dayOfYear(date))).toEqual(date);
      }),
    );
    expect(civilFromDayOfYear(2001, 366)).toBeUndefined();
    expect(civilFromDayOfYear(2000, 366)).toEqual({ year: 2000, month: 12, day: 31 });
    expect(civilFromDayOfYear(2000, 0)).toBeUndefined();
  });

  test("leap years follow the Gregorian rule", () => {
    expect([1900, 2000, 2001, 2004].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 28, 29]);
  });
});

describe("instants", () => {
  test("milliseconds go there and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 15), max: 10 ** 15 }), (ms) => {
        expect(dateTimeToMs(dateTimeFromMs(ms))).toBe(ms);
      }),
    );
  });

  test("finer digits than milliseconds are cut downwards", () => {
    expect(dateTimeToMs({ ns: -1n, offset: 0, zone: "UTC" })).toBe(-1);
    expect(dateTimeToMs({ ns: 1_999_999n, offset: 0, zone: "UTC" })).toBe(1);
    expect(dateTimeToMs(defaultDateTime)).toBe(DEFAULT_DATETIME_MS);
  });

  const parts = (changes: Partial<DateParts>): DateParts => ({
    year: 2001,
    month: 2,
    day: 3,
    hour: 4,
    minute: 5,
    second: 6,
    nanosecond: 789_000_000,
    zone: UTC,
    ...changes,
  });
  const textOf = (changes: Partial<DateParts>): string =>
    valueToText("datetime", dateFromParts(parts(changes)));

  test("are made from parts that may carry over", () => {
    expect(textOf({})).toBe("2001-02-03 04:05:06.789 +0000 UTC");
    expect(textOf({ day: 30n, nanosecond: 0 })).toBe("2001-03-02 04:05:06 +0000 UTC");
    expect(textOf({ month: 12, day: 32, hour: 25, minute: 61, second: 61, nanosecond: -1 })).toBe(
      "2002-01-02 02:02:00.999999999 +0000 UTC",
    );
    expect(textOf({ day: 0 })).toBe("2001-01-31 04:05:06.789 +0000 UTC");
    expect(textOf({ year: -1n })).toBe("-0001-02-03 04:05:06.789 +0000 UTC");
    expect(textOf({ zone: { name: "", offset: -7200 } })).toBe(
      "2001-02-03 04:05:06.789 -0200 -0200",
    );
  });
});

describe("values", () => {
  test("there are six types, each with a default", () => {
    expect(FIELD_TYPES.map(isFieldType)).toEqual(FIELD_TYPES.map(() => true));
    expect(isFieldType("text")).toBe(false);
    const texts = FIELD_TYPES.map((type) => valueToText(type, defaultValue(type)));
    expect(texts).toEqual(["0", "0", "0", "", "false", "0001-01-01 00:00:00 +0000 UTC"]);
  });

  test("kinds that no field can hold have texts too", () => {
    expect(valueToText("length", 3n)).toBe("3");
    expect(valueToText("month", 3)).toBe("March");
    expect(valueToText("month", 13)).toBe("");
    expect(valueToText("zone", { name: "EST", offset: -18_000 })).toBe("EST");
  });
});
