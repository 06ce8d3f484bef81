import { dayOfYear, MONTHS, weekday, WEEKDAYS } from "./calendar.ts";
import type { ClockTime } from "./date-time.ts";
import type { FieldToken, LayoutToken, OffsetShape } from "./layout-tokens.ts";

type Print = (clock: ClockTime) => string;

const TWO = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, "0"));

/** Two digits of a number from 0 to 99. */
const two = (value: number): string => TWO[value] as string;

function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, "0");
  return year < 0 ? `-${digits}` : digits;
}

const hour12 = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);
const monthName = (month: number): string => MONTHS[month - 1] as string;
const weekdayName = (days: number): string => WEEKDAYS[weekday(days)] as string;

const FIELDS = {
  year4: ({ year }) => yearText(year),
  year2: ({ year }) => two(Math.abs(year) % 100),
  month2: ({ month }) => two(month),
  month1: ({ month }) => String(month),
  monthShort: ({ month }) => monthName(month).slice(0, 3),
  monthLong: ({ month }) => monthName(month),
  day2: ({ day }) => two(day),
  day1: ({ day }) => String(day),
  dayBlank: ({ day }) => String(day).padStart(2),
  yearDay3: (clock) => String(dayOfYear(clock)).padStart(3, "0"),
  yearDayBlank: (clock) => String(dayOfYear(clock)).padStart(3),
  weekdayShort: ({ days }) => weekdayName(days).slice(0, 3),
  weekdayLong: ({ days }) => weekdayName(days),
  hour24: ({ hour }) => two(hour),
  hour12Padded: ({ hour }) => two(hour12(hour)),
  hour12: ({ hour }) => String(hour12(hour)),
  minute2: ({ minute }) => two(minute),
  minute1: ({ minute }) => String(minute),
  second2: ({ second }) => two(second),
  second1: ({ second }) => String(second),
  half: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  halfLower: ({ hour }) => (hour < 12 ? "am" : "pm"),
  zone: ({ zone }) => (zone.name === "" ? offsetText(zone.offset, HOURS_MINUTES) : zone.name),
} as const satisfies Readonly<Record<FieldToken, Print>>;

const HOURS_MINUTES: OffsetShape = { zulu: false, colon: false, minutes: true, seconds: false };

/** The sign is that of the whole minutes; seconds of an offset within a minute of zero keep their own. */
function offsetText(offset: number, shape: OffsetShape): string {
  if (shape.zulu && offset === 0) return "Z";
  const minutes = Math.trunc(offset / 60);
  const seconds = (minutes < 0 ? -offset : offset) % 60;
  const whole = Math.abs(minutes);
  const colon = shape.colon ? ":" : "";
  let text = (minutes < 0 ? "-" : "+") + String(Math.trunc(whole / 60)).padStart(2, "0");
  if (shape.minutes) text += colon + two(whole % 60);
  if (shape.seconds) text += `${colon}${seconds < 0 ? "-" : ""}${two(Math.abs(seconds))}`;
  return text;
}

function fixedFraction(text: string): Print {
  const separator = text.charAt(0);
  const digits = text.length - 1;
  return ({ nanosecond }) => separator + String(nanosecond).padStart(9, "0").slice(0, digits);
}

function trimmedFraction(text: string): Print {
  const fixed = fixedFraction(text);
  return (clock) => fixed(clock).replace(/[.,]?0*$/, "");
}

function printerOf(token: LayoutToken): Print {
  switch (token.token) {
    case "literal":
      return () => token.text;
    case "fixedFraction":
      return fixedFraction(token.text);
    case "trimmedFraction":
      return trimmedFraction(token.text);
    case "offset":
      return ({ zone }) => offsetText(zone.offset, token.shape);
    default:
      return FIELDS[token.token];
  }
}

/** Text of an instant in its own zone. */
export function layoutPrinter(tokens: readonly LayoutToken[]): Print {
  const printers = tokens.map(printerOf);
  return (clock) => {
    let text = "";
    for (const print of printers) text += print(clock);
    return text;
  };
}
