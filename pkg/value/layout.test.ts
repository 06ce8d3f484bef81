import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileLayout,
  dateTimeFromMs,
  layoutShape,
  type DateTime,
  type LayoutPart,
  type LayoutShape,
} from "#pkg/value";

const MOMENT: DateTime = { ns: 981_173_106_789_000_000n, offset: 0, zone: "UTC" };
const WEST: DateTime = { ...MOMENT, offset: -7200, zone: "" };
const print = (layout: string, value = MOMENT): string => compileLayout(layout).format(value);
const read = (layout: string, text: string): DateTime | undefined =>
  compileLayout(layout).parse(text);
const RFC3339 = "2006-01-02T15:04:05.999999999Z07:00";
/** What a text means, in one fixed form. */
const shown = (layout: string, text: string): string | undefined => {
  const value = read(layout, text);
  return value && `${print(RFC3339, value)} ${value.zone}`;
};

describe("printing by layout", () => {
  test("every field has its text", () => {
    expect(print("Mon Monday Jan January 1 01 2 02 _2 06 3 03 4 04 5 05 15 PM pm MST")).toBe(
      "Sat Saturday Feb February 2 02 3 03  3 01 4 04 5 05 6 06 04 AM am UTC",
    );
    expect(print("002 __2")).toBe("034  34");
    expect(print("3 PM pm", { ...MOMENT, ns: MOMENT.ns + 43_200_000_000_000n })).toBe("4 PM pm");
    expect(print("3PM", dateTimeFromMs(0))).toBe("12AM");
  });

  test("fractions are cut, and trimmed where nines stand", () => {
    expect(print(".0 .000 .000000 .9 .999999 ,000")).toBe(".7 .789 .789000 .7 .789 ,789");
    expect(print("05.000|05.999", dateTimeFromMs(7000))).toBe("07.000|07");
  });

  test("offsets have their shape, Z only for zero", () => {
    expect(print("-0700 -07:00 -07 Z0700 MST", WEST)).toBe("-0200 -02:00 -02 -0200 -0200");
    expect(print("Z07:00 -070000")).toBe("Z +000000");
    expect(print("-07:00:00", { ...MOMENT, offset: -3661, zone: "" })).toBe("-01:01:01");
    expect(print("-07:00:00", { ...MOMENT, offset: -30, zone: "" })).toBe("+00:00:-30");
  });

  test("everything else is literal", () => {
    expect(print("yyyy-MM-dd")).toBe("yyyy-MM-dd");
    expect(print("Quarter Q1")).toBe("Quarter Q2");
    expect(print("_2006 Month Janet 007 Z0 -7 .09 _x")).toBe("_2001 Month Janet 007 Z0 -7 .09 _x");
    expect(print("")).toBe("");
  });

  test("stored milliseconds print as the instant does", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        const layout = compileLayout(RFC3339);
        expect(layout.formatMs(ms)).toBe(layout.format(dateTimeFromMs(ms)));
        expect(layout.formatMs(ms).slice(0, 19)).toBe(new Date(ms).toISOString().slice(0, 19));
      }),
    );
  });
});

describe("reading by layout", () => {
  const instant = fc.record({
    ns: fc.bigInt(-62_167_000_000_000_000_000n, 253_402_000_000_000_000_000n),
    offset: fc.integer({ min: -1439, max: 1439 }).map((minutes) => minutes * 60),
  });

  test("what was printed in full reads back as the same instant and offset", () => {
    const layouts = [
      RFC3339,
      "Monday, 2 January 2006 3:04:05.999999999PM -070000",
      "2006 002 15h4m5.000000000s -07:00",
    ];
    fc.assert(
      fc.property(instant, fc.constantFrom(...layouts), ({ ns, offset }, layout) => {
        const value = { ns, offset, zone: offset === 0 ? "UTC" : "" };
        expect(read(layout, print(layout, value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("missing parts are year 0, month 1, day 1 and midnight in UTC", () => {
    expect(shown("", "")).toBe("0000-01-01T00:00:00Z UTC");
    expect(shown("15:04", "4:05")).toBe("0000-01-01T04:05:00Z UTC");
  });

  test("years of two digits are those from 1969 to 2068", () => {
    expect(shown("06-01-02", "69-02-03")).toBe("1969-02-03T00:00:00Z UTC");
    expect(shown("06-01-02", "68-02-03")).toBe("2068-02-03T00:00:00Z UTC");
  });

  test("a fraction after the seconds needs no token", () => {
    expect(shown("2006-01-02 15:04:05", "2001-02-03 04:05:06,789")).toBe(
      "2001-02-03T04:05:06.789Z UTC",
    );
    expect(shown("15:04:05 x.000", "04:05:06.5 x.700")).toBeUndefined();
    expect(shown("5.0000000000", "6.1234567891")).toBe("0000-01-01T00:00:06.123456789Z UTC");
  });

  test("names are read in any letter case", () => {
    expect(shown("Monday 2 January 2006", "SUNDAY 3 february 2001")).toBe(
      "2001-02-03T00:00:00Z UTC",
    );
    expect(shown("Mon Jan", "sat feb")).toBe("0000-02-01T00:00:00Z UTC");
  });

  test("zones come from offsets, abbreviations, or both", () => {
    expect(shown("15:04 MST", "04:05 PST")).toBe("0000-01-01T04:05:00Z PST");
    expect(shown("15:04 MST", "04:05 GMT+3")).toBe("0000-01-01T07:05:00+03:00 GMT+3");
    expect(shown("15:04 -0700 MST", "04:05 -0800 PST")).toBe("0000-01-01T04:05:00-08:00 PST");
    expect(shown("15:04 -0700", "04:05 +0000")).toBe("0000-01-01T04:05:00Z UTC");
    expect(shown("15:04 MST", "04:05 +03")).toBe("0000-01-01T04:05:00Z +03");
    expect(read("-07 MST", "-00 PST")?.offset).toBe(0);
    const names = ["UTC", "ChST", "MeST", "GMT", "WITA", "AMST", "AMSST"];
    for (const name of names) expect(read("MST", name)?.zone).toBe(name);
  });

  test.each([
    [
      "2006-01-02",
      ["2001-2-3", "2001-02-30", "2001-02-03x", " 2001-02-03", "201-01-02", "2001-01-00"],
    ],
    ["15:04:05", ["24:00:00", "04:60:00", "04:05:60", "04:5:06", "x"]],
    ["3:04PM", ["13:05PM", "1:05pm", "1:05"]],
    ["1 2", ["13 1", "0 1", "x 1", "1 x"]],
    ["_2", ["  3"]],
    ["2006-002", ["2001-366", "2001-000", "2001-34"]],
    ["__2", ["   1", "x"]],
    ["2006-01-02 002", ["2001-02-03 035", "2001-03-03 034"]],
    ["Jan", ["Xyz"]],
    [".000", [".7", "789", ".7x9"]],
    ["-07:00", ["Z", "+0200", "*02:00", "+0x:00", "+25:00", "+24:61", "+02"]],
    ["-07:00:00", ["+24:60:61"]],
    ["MST", ["pst", "PS", "ABCD", "ABCDE", "ABCDEF", "-5", "+24", "+0x"]],
    ["2006 01", ["200101", "2001x01"]],
  ])("layout %s refuses texts that do not fit", (layout, texts) => {
    for (const text of texts) expect(read(layout, text), text).toBeUndefined();
  });

  test("the same day may be named twice, and 12 o'clock depends on the half", () => {
    expect(shown("2006-01-02 002", "2000-02-29 060")).toBe("2000-02-29T00:00:00Z UTC");
    expect(shown("3PM", "12AM")).toBe("0000-01-01T00:00:00Z UTC");
    expect(shown("3pm", "12pm")).toBe("0000-01-01T12:00:00Z UTC");
    expect(shown("Z07 -070000", "Z +010203")).toBe("0000-01-01T00:00:00Z UTC");
  });
});

test("layouts are compiled once, and the memory of them is bounded", () => {
  expect(compileLayout("2006")).toBe(compileLayout("2006"));
  const first = compileLayout("first");
  for (let count = 0; count < 1001; count += 1) compileLayout(`x${count}`);
  expect(compileLayout("first")).not.toBe(first);
});

describe("fixed shapes", () => {
  test("name the places of digits and literals", () => {
    expect(layoutShape("2006-01-02T15:04:05.000Z")).toEqual({
      length: 24,
      fields: [
        { part: "year", at: 0, digits: 4 },
        { part: "month", at: 5, digits: 2 },
        { part: "day", at: 8, digits: 2 },
        { part: "hour", at: 11, digits: 2 },
        { part: "minute", at: 14, digits: 2 },
        { part: "second", at: 17, digits: 2 },
        { part: "fraction", at: 20, digits: 3 },
      ],
      literals: [
        { at: 4, byte: 45 },
        { at: 7, byte: 45 },
        { at: 10, byte: 84 },
        { at: 13, byte: 58 },
        { at: 16, byte: 58 },
        { at: 19, byte: 46 },
        { at: 23, byte: 90 },
      ],
    });
    expect(layoutShape("20060102")?.literals).toEqual([]);
    expect(layoutShape("02.01.2006")?.length).toBe(10);
  });

  test("exist only for digits at fixed places, each part once", () => {
    const others = [
      "2006-1-2",
      "Jan 2006",
      "2006-01-02 -0700",
      "01 01",
      "2006年",
      "05.x",
      "05,7",
      "15PM",
      "2006 .9",
    ];
    for (const layout of others) expect(layoutShape(layout), layout).toBeUndefined();
  });

  /** Numbers at the places of a shape, the missing ones as the contract of LayoutShape says. */
  function numbersAt(shape: LayoutShape, text: string): Readonly<Record<LayoutPart, number>> {
    const numbers = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0 };
    for (const { part, at, digits } of shape.fields)
      numbers[part] = Number(text.slice(at, at + digits));
    return numbers;
  }

  /** Seconds since 1970 of existing dates and times, by JavaScript's calendar. */
  function secondsOf(numbers: Readonly<Record<LayoutPart, number>>): bigint | undefined {
    const { year, month, day, hour, minute, second } = numbers;
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    if (!isDay || hour > 23 || minute > 59 || second > 59) return undefined;
    return BigInt(date.setUTCHours(hour, minute, second)) / 1000n;
  }

  test("agree with parsing on every text that has the shape", () => {
    const layouts = [
      "2006-01-02",
      "2006-01-02 15:04:05",
      "02/01/2006 15:04",
      "20060102150405",
      "2006-01-02T15:04:05.000000",
    ];
    const moment = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    const noise = fc.array(fc.option(fc.nat(9), { freq: 1 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(...layouts), moment, noise, (layout, ms, digits) => {
        const real = print(layout, dateTimeFromMs(ms));
        const text = real.replace(/\d/g, (digit, at: number) => String(digits[at] ?? digit));
        const numbers = numbersAt(layoutShape(layout) as LayoutShape, text);
        const value = read(layout, text);
        const fraction = BigInt(numbers.fraction) * 1000n;
        const seconds = secondsOf(numbers);
        expect(value?.ns).toBe(
          seconds === undefined ? undefined : seconds * 1_000_000_000n + fraction,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
