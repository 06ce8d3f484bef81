import { MONTHS, WEEKDAYS } from "./calendar.ts";
import { LayoutReading } from "./layout-reading.ts";
import { digitRun, digitsBetween, isDigitAt, nameAt, zoneNameLength } from "./layout-text.ts";
import type { FieldToken, LayoutToken, OffsetShape } from "./layout-tokens.ts";
import type { DateTime } from "./value.ts";

/** Takes an element from the text into the reading; false when the text does not fit. */
type Take = (reading: LayoutReading) => boolean;

type NumberField = "month" | "day" | "hour" | "minute" | "second";

const shortNames = (names: readonly string[]): readonly string[] =>
  names.map((name) => name.slice(0, 3));
const SHORT_MONTHS = shortNames(MONTHS);
const SHORT_WEEKDAYS = shortNames(WEEKDAYS);

/** One or two digits (two when `padded`) between `low` and `high`. */
function number2(field: NumberField, padded: boolean, low: number, high: number): Take {
  return (reading) => {
    const { text, at } = reading;
    const digits = digitRun(text, at, 2);
    if (digits === 0 || (padded && digits < 2)) return false;
    const value = digitsBetween(text, at, at + digits);
    reading.at = at + digits;
    reading[field] = value;
    return value >= low && value <= high;
  };
}

function skipBlanks(reading: LayoutReading, most: number): void {
  const { text, at } = reading;
  let count = 0;
  while (count < most && text.charAt(at + count) === " ") count += 1;
  reading.at = at + count;
}

/** Which day exists is decided at the end. */
const MAX_DAY = 99;

function blankDay(reading: LayoutReading): boolean {
  skipBlanks(reading, 1);
  return DAY1(reading);
}

const DAY1 = number2("day", false, 0, MAX_DAY);

function yearDay(padded: boolean): Take {
  return (reading) => {
    if (!padded) skipBlanks(reading, 2);
    const { text, at } = reading;
    const digits = digitRun(text, at, 3);
    if (digits === 0 || (padded && digits < 3)) return false;
    reading.yearDay = digitsBetween(text, at, at + digits);
    reading.at = at + digits;
    return true;
  };
}

function year(digits: 2 | 4): Take {
  return (reading) => {
    const { text, at } = reading;
    if (digitRun(text, at, digits) < digits) return false;
    const value = digitsBetween(text, at, at + digits);
    const century = value >= 69 ? 1900 : 2000;
    reading.year = digits === 4 ? value : value + century;
    reading.at = at + digits;
    return true;
  };
}

function named(
  names: readonly string[],
  found: (reading: LayoutReading, index: number) => void,
): Take {
  return (reading) => {
    const index = nameAt(names, reading.text, reading.at);
    if (index < 0) return false;
    reading.at += (names[index] as string).length;
    found(reading, index);
    return true;
  };
}

const takeMonth = (reading: LayoutReading, index: number): void => {
  reading.month = index + 1;
};
/** Weekdays are not checked against the date. */
const ignoreWeekday = (): void => undefined;

function half(afternoon: string, morning: string): Take {
  return (reading) => {
    const word = reading.text.slice(reading.at, reading.at + 2);
    if (word !== afternoon && word !== morning) return false;
    reading.half = word === afternoon ? "afternoon" : "morning";
    reading.at += 2;
    return true;
  };
}

function zone(reading: LayoutReading): boolean {
  const { text, at } = reading;
  if (text.startsWith("UTC", at)) {
    reading.utc = true;
    reading.at += 3;
    return true;
  }
  const length = zoneNameLength(text, at);
  if (length === 0) return false;
  reading.zoneName = text.slice(at, at + length);
  reading.at += length;
  return true;
}

const isSeparatorAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === 46 || code === 44;
};

/** A separator and `digits` characters, of which those beyond nanoseconds are dropped without a look. */
function takeFraction(reading: LayoutReading, digits: number): boolean {
  const { text, at } = reading;
  const used = Math.min(digits, 9);
  const end = at + 1 + digits;
  if (!isSeparatorAt(text, at) || end > text.length) return false;
  if (digitRun(text, at + 1, used) < used) return false;
  reading.nanosecond = digitsBetween(text, at + 1, at + 1 + used) * 10 ** (9 - used);
  reading.at = end;
  return true;
}

function optionalFraction(reading: LayoutReading): boolean {
  const { text, at } = reading;
  if (!isSeparatorAt(text, at) || !isDigitAt(text, at + 1)) return true;
  return takeFraction(reading, digitRun(text, at + 1, Infinity));
}

const FIELDS = {
  year4: year(4),
  year2: year(2),
  month2: number2("month", true, 1, 12),
  month1: number2("month", false, 1, 12),
  monthShort: named(SHORT_MONTHS, takeMonth),
  monthLong: named(MONTHS, takeMonth),
  day2: number2("day", true, 0, MAX_DAY),
  day1: DAY1,
  dayBlank: blankDay,
  yearDay3: yearDay(true),
  yearDayBlank: yearDay(false),
  weekdayShort: named(SHORT_WEEKDAYS, ignoreWeekday),
  weekdayLong: named(WEEKDAYS, ignoreWeekday),
  hour24: number2("hour", false, 0, 23),
  hour12Padded: number2("hour", true, 0, 12),
  hour12: number2("hour", false, 0, 12),
  minute2: number2("minute", true, 0, 59),
  minute1: number2("minute", false, 0, 59),
  second2: number2("second", true, 0, 59),
  second1: number2("second", false, 0, 59),
  half: half("PM", "AM"),
  halfLower: half("pm", "am"),
  zone,
} as const satisfies Readonly<Record<FieldToken, Take>>;

/** Runs of blanks match one or more blanks or the end of the text; everything else must be equal. */
function literal(expected: string): Take {
  const parts = expected.match(/ +|[^ ]+/g) as readonly string[];
  return (reading) => {
    for (const part of parts) {
      const { text, at } = reading;
      if (part.charAt(0) === " ") {
        if (at < text.length && text.charAt(at) !== " ") return false;
        skipBlanks(reading, Infinity);
      } else if (text.startsWith(part, at)) {
        reading.at += part.length;
      } else {
        return false;
      }
    }
    return true;
  };
}

const MAX_OFFSET_HOURS = 24;
const MAX_OFFSET_PART = 60;

/** Sign and digit pairs of an offset shape as positions: hours, minutes and seconds (undefined = not there). */
function offset({ zulu, colon, minutes, seconds }: OffsetShape): Take {
  const step = colon ? 3 : 2;
  const starts = [1, ...(minutes ? [1 + step] : []), ...(seconds ? [1 + 2 * step] : [])];
  const length = (starts.at(-1) as number) + 2;
  return (reading) => {
    const { text, at } = reading;
    const sign = text.charAt(at);
    if (zulu && sign === "Z") {
      reading.utc = true;
      reading.at += 1;
      return true;
    }
    const pairs = starts.map((start) => offsetPair(text, at + start, colon && start > 1));
    const [hour = 0, minute = 0, second = 0] = pairs;
    const inRange =
      hour <= MAX_OFFSET_HOURS && minute <= MAX_OFFSET_PART && second <= MAX_OFFSET_PART;
    if ((sign !== "+" && sign !== "-") || !inRange) return false;
    const east = (hour * 60 + minute) * 60 + second;
    reading.offset = sign === "-" ? 0 - east : east;
    reading.at += length;
    return true;
  };
}

/** Two digits, with a colon before them if `colon`; Infinity when they are not there. */
function offsetPair(text: string, at: number, colon: boolean): number {
  if (colon && text.charAt(at - 1) !== ":") return Infinity;
  return digitRun(text, at, 2) === 2 ? digitsBetween(text, at, at + 2) : Infinity;
}

const isFraction = (token: LayoutToken | undefined): boolean =>
  token?.token === "fixedFraction" || token?.token === "trimmedFraction";

/** The next token after a position, literal text left out. */
const nextField = (tokens: readonly LayoutToken[], at: number): LayoutToken | undefined =>
  tokens.slice(at + 1).find(({ token }) => token !== "literal");

function takerOf(token: LayoutToken): Take {
  switch (token.token) {
    case "literal":
      return literal(token.text);
    case "fixedFraction":
      return (reading) => takeFraction(reading, token.text.length - 1);
    case "trimmedFraction":
      return optionalFraction;
    case "offset":
      return offset(token.shape);
    default:
      return FIELDS[token.token];
  }
}

/** Reads texts of a layout; undefined when a text does not fit. */
export function layoutParser(
  tokens: readonly LayoutToken[],
): (text: string) => DateTime | undefined {
  const takers = tokens.flatMap((token, at) => {
    const isSecond = token.token === "second2" || token.token === "second1";
    const takesFraction = isSecond && !isFraction(nextField(tokens, at));
    return takesFraction ? [takerOf(token), optionalFraction] : [takerOf(token)];
  });
  return (text) => {
    const reading = new LayoutReading(text);
    for (const take of takers) if (!take(reading)) return undefined;
    return reading.at === text.length ? reading.dateTime() : undefined;
  };
}
