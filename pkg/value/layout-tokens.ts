/** Elements of a datetime layout (spec/expressions.md 5.2). */
export type LayoutToken =
  | { readonly token: "literal"; readonly text: string }
  | { readonly token: FieldToken; readonly text: string }
  | { readonly token: "fixedFraction" | "trimmedFraction"; readonly text: string }
  | { readonly token: "offset"; readonly text: string; readonly shape: OffsetShape };

export type FieldToken =
  | "year4"
  | "year2"
  | "month2"
  | "month1"
  | "monthShort"
  | "monthLong"
  | "day2"
  | "day1"
  | "dayBlank"
  | "yearDay3"
  | "yearDayBlank"
  | "weekdayShort"
  | "weekdayLong"
  | "hour24"
  | "hour12Padded"
  | "hour12"
  | "minute2"
  | "minute1"
  | "second2"
  | "second1"
  | "half"
  | "halfLower"
  | "zone";

export interface OffsetShape {
  /** `Z` stands for offset 0. */
  readonly zulu: boolean;
  readonly colon: boolean;
  readonly minutes: boolean;
  readonly seconds: boolean;
}

/** Longest first where one is the beginning of another. */
const FIELDS: readonly (readonly [string, FieldToken])[] = [
  ["January", "monthLong"],
  ["Monday", "weekdayLong"],
  ["2006", "year4"],
  ["MST", "zone"],
  ["002", "yearDay3"],
  ["__2", "yearDayBlank"],
  ["01", "month2"],
  ["02", "day2"],
  ["03", "hour12Padded"],
  ["04", "minute2"],
  ["05", "second2"],
  ["06", "year2"],
  ["15", "hour24"],
  ["PM", "half"],
  ["pm", "halfLower"],
  ["1", "month1"],
  ["2", "day1"],
  ["3", "hour12"],
  ["4", "minute1"],
  ["5", "second1"],
];
const OFFSET = /(?:070000|07:00:00|0700|07:00|07)/y;
const FRACTION = /[.,](?:0+|9+)(?!\d)/y;
/** Tokens only when no lower-case letter follows. */
const SHORT_NAMES: readonly (readonly [string, FieldToken])[] = [
  ["Jan", "monthShort"],
  ["Mon", "weekdayShort"],
];

const isLowerCase = (code: number): boolean => code >= 97 && code <= 122;

function fieldAt(layout: string, at: number): LayoutToken | undefined {
  for (const [text, token] of FIELDS) {
    if (layout.startsWith(text, at)) return { token, text };
  }
  for (const [text, token] of SHORT_NAMES) {
    if (layout.startsWith(text, at) && !isLowerCase(layout.charCodeAt(at + text.length))) {
      return { token, text };
    }
  }
  return undefined;
}

function matchAt(pattern: RegExp, layout: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(layout)?.[0];
}

function offsetAt(layout: string, at: number): LayoutToken | undefined {
  const digits = matchAt(OFFSET, layout, at + 1);
  if (digits === undefined) return undefined;
  const pairs = digits.replaceAll(":", "").length / 2;
  const zulu = layout.charAt(at) === "Z";
  const shape = { zulu, colon: digits.includes(":"), minutes: pairs > 1, seconds: pairs > 2 };
  return { token: "offset", text: layout.charAt(at) + digits, shape };
}

function fractionAt(layout: string, at: number): LayoutToken | undefined {
  const text = matchAt(FRACTION, layout, at);
  if (text === undefined) return undefined;
  return { token: text.charAt(1) === "0" ? "fixedFraction" : "trimmedFraction", text };
}

/** The token that begins at a position; undefined where literal text stands. `_2006` is a literal `_` and a year. */
function tokenAt(layout: string, at: number): LayoutToken | undefined {
  switch (layout.charAt(at)) {
    case "-":
    case "Z":
      return offsetAt(layout, at);
    case ".":
    case ",":
      return fractionAt(layout, at);
    case "_":
      if (layout.startsWith("_2006", at)) return undefined;
      if (layout.startsWith("_2", at)) return { token: "dayBlank", text: "_2" };
      return fieldAt(layout, at);
    default:
      return fieldAt(layout, at);
  }
}

export function tokenizeLayout(layout: string): readonly LayoutToken[] {
  const tokens: LayoutToken[] = [];
  let literal = "";
  let at = 0;
  while (at < layout.length) {
    const found = tokenAt(layout, at);
    if (found === undefined) {
      literal += layout.charAt(at);
      at += 1;
      continue;
    }
    if (literal !== "") tokens.push({ token: "literal", text: literal });
    literal = "";
    tokens.push(found);
    at += found.text.length;
  }
  if (literal !== "") tokens.push({ token: "literal", text: literal });
  return tokens;
}
