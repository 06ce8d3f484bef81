import { isInt64 } from "#pkg/value";
import type { FieldType } from "#pkg/value";

/** What a column of texts seems to hold. */
export interface Guess {
  readonly type: FieldType;
  /** Layout of datetimes, "" otherwise. */
  readonly layout: string;
  /** Cells that were not empty. */
  readonly filled: number;
  /** Some cells have blanks around their number. */
  readonly isPadded: boolean;
  /** Why another reading is possible, "" when there is none. */
  readonly doubt: string;
}

export interface GuessRules {
  /** Layouts that are tried, the first that fits all cells is taken. */
  readonly layouts: readonly CellLayout[];
  /** Numbers with zeros or + in front are texts: numbers of houses, accounts, telephones, postal codes. */
  readonly keepSigns: boolean;
}

export interface CellLayout {
  readonly layout: string;
  readonly pattern: RegExp;
}

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`;

/** `.000` takes exactly three digits; a layout without fraction takes any number of them (spec/script.md B.3). */
const FRACTIONS = [
  { layout: ".000", pattern: String.raw`\.\d{3}` },
  { layout: "", pattern: String.raw`(?:\.\d{1,9})?` },
];
const OFFSETS = [
  { layout: "", pattern: "" },
  { layout: "-0700", pattern: String.raw`[+-]\d{4}` },
];

/** The date-times of proto_file_reader_creator (spec/script.md 13). */
export const REFERENCE_LAYOUTS: readonly CellLayout[] = ["T", " "].flatMap((separator) =>
  OFFSETS.flatMap((offset) =>
    FRACTIONS.map((fraction) => ({
      layout: `2006-01-02${separator}15:04:05${fraction.layout}${offset.layout}`,
      pattern: new RegExp(`^${DAY}${separator}${CLOCK}${fraction.pattern}${offset.pattern}$`),
    })),
  ),
);

const day = (layout: string, pattern: string): CellLayout => ({
  layout,
  pattern: new RegExp(`^${pattern}$`),
});
const D = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const M = "(?:0[1-9]|1[0-2])";
const Y = String.raw`\d{4}`;

/** More of them, for `init`. */
export const MANY_LAYOUTS: readonly CellLayout[] = [
  ...REFERENCE_LAYOUTS,
  ...["T", " "].flatMap((separator) => [
    day(
      `2006-01-02${separator}15:04:05Z07:00`,
      String.raw`${DAY}${separator}${CLOCK}(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`,
    ),
    day(`2006-01-02${separator}15:04`, `${DAY}${separator}(?:[01]\\d|2[0-3]):[0-5]\\d`),
  ]),
  day("2006-01-02", DAY),
  day("2006/01/02", `${Y}/${M}/${D}`),
  day("02.01.2006", String.raw`${D}\.${M}\.${Y}`),
  day("02/01/2006", `${D}/${M}/${Y}`),
  day("01/02/2006", `${M}/${D}/${Y}`),
];

const BOOLS: ReadonlySet<string> = new Set("t T true TRUE True f F false FALSE False".split(" "));
const INT = /^[+-]?\d+$/;
const CENTS = /^[+-]?\d+\.\d\d$/;
const FRACTION = /^[+-]?(?:\d+\.\d*|\.\d+)$/;

type Kind = "int" | "decimal2" | "float" | "bool" | "string";

/** Narrower number types are part of wider ones; every other mixture is text (spec/script.md 13). */
const NUMBERS: ReadonlySet<string> = new Set(["int", "decimal2", "float"]);

/** What all cells of a column can be read as; empty cells say nothing. */
export function guessType(cells: readonly string[], rules: GuessRules): Guess {
  const filled = cells.filter((cell) => cell.trim() !== "");
  const base = { filled: filled.length, isPadded: false, layout: "", doubt: "" };
  if (filled.length === 0) return { ...base, type: "string", doubt: "every cell is empty" };
  const fitting = rules.layouts.filter(({ pattern }) => filled.every((cell) => pattern.test(cell)));
  const [layout, ...others] = fitting;
  if (layout !== undefined)
    return { ...base, type: "datetime", layout: layout.layout, doubt: dateDoubt(layout, others) };
  const kinds = filled.map((cell) => kindOf(cell, rules));
  const type = merged(new Set(kinds));
  if (type === "string")
    return { ...base, type, doubt: commaDoubt(filled) || fewDoubt(filled, kinds, rules) };
  if (!NUMBERS.has(type)) return { ...base, type };
  return { ...base, type, isPadded: filled.some((cell) => cell.trim() !== cell) };
}

function kindOf(cell: string, { keepSigns }: GuessRules): Kind {
  const text = cell.trim();
  if (keepSigns && /^(?:[+-]?0\d|\+\d{6,}$)/.test(text)) return "string";
  if (INT.test(text)) return isInt64(BigInt(text.replace("+", ""))) ? "int" : "string";
  if (CENTS.test(text)) return "decimal2";
  if (FRACTION.test(text)) return "float";
  return BOOLS.has(cell) ? "bool" : "string";
}

function merged(kinds: ReadonlySet<Kind>): Kind {
  const [only] = kinds;
  if (kinds.size === 1 && only !== undefined) return only;
  if ([...kinds].some((kind) => !NUMBERS.has(kind))) return "string";
  return kinds.has("float") ? "float" : "decimal2";
}

/** Numbers as people in many countries write them, which no column of numbers reads. */
const COMMAS = [
  {
    pattern: /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/,
    doubt:
      'numbers with commas between thousands: float(strings.ReplaceAll(r.…, ",", "")) converts them',
  },
  {
    pattern: /^[+-]?\d+(?:,\d+)?$/,
    doubt: 'numbers with a decimal comma: float(strings.ReplaceAll(r.…, ",", ".")) converts them',
  },
];

const commaDoubt = (cells: readonly string[]): string =>
  cells.some((cell) => cell.includes(","))
    ? (COMMAS.find(({ pattern }) => cells.every((cell) => pattern.test(cell.trim())))?.doubt ?? "")
    : "";

/** A few bad cells among so many good ones are more likely to be mistakes than the reason for a column of texts. */
const SHARE_OF_GOOD = 0.95;
const MOST_SHOWN = 40;

/** Words for people, on one line: what nearly all cells are by their kinds, and the first that is not. */
function fewDoubt(filled: readonly string[], kinds: readonly Kind[], rules: GuessRules): string {
  const isNumber = kinds.map((kind) => NUMBERS.has(kind));
  const candidates = [
    { found: merged(new Set(kinds.filter((kind) => NUMBERS.has(kind)))), fits: isNumber },
    ...rules.layouts.map(({ layout, pattern }) => ({
      found: `datetime ${layout}`,
      fits: filled.map((cell) => pattern.test(cell)),
    })),
  ];
  for (const { found, fits } of candidates) {
    const good = fits.filter(Boolean).length;
    if (good < filled.length * SHARE_OF_GOOD) continue;
    const bad = JSON.stringify(filled[fits.indexOf(false)]?.slice(0, MOST_SHOWN));
    return `${good} are ${found}, ${filled.length - good} not, the first is ${bad}; on_error: reject sets such rows aside`;
  }
  return "";
}

/** Days and months that may be either way round. */
function dateDoubt({ layout }: CellLayout, others: readonly CellLayout[]): string {
  const isTwoWay = layout === "02/01/2006" && others.some((other) => other.layout === "01/02/2006");
  return isTwoWay ? "day and month may be the other way round: 01/02/2006" : "";
}
