import { tokenizeLayout, type LayoutToken } from "./layout-tokens.ts";

export type LayoutPart = "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction";

export interface LayoutField {
  readonly part: LayoutPart;
  /** Byte position in the text. */
  readonly at: number;
  readonly digits: number;
}

export interface LayoutLiteral {
  readonly at: number;
  /** ASCII code. */
  readonly byte: number;
}

/**
 * A layout of digits at fixed places in UTC, such as `2006-01-02` or `2006-01-02T15:04:05.000`, as a byte scanner
 * needs it. If a text has `length` bytes, a digit at each place of each field and the literal bytes at theirs, and
 * the month, day of the month, hour (0-23), minute and second (0-59) exist, then it means exactly those numbers
 * (fractions beyond nine digits are cut; parts without a field are year 0, month 1, day 1 and zero).
 * Any other text may still fit in ways that the shape does not describe, and is left to `compileLayout().parse`.
 */
export interface LayoutShape {
  readonly length: number;
  readonly fields: readonly LayoutField[];
  readonly literals: readonly LayoutLiteral[];
}

const PARTS: Readonly<Partial<Record<LayoutToken["token"], LayoutPart>>> = {
  year4: "year",
  month2: "month",
  day2: "day",
  hour24: "hour",
  minute2: "minute",
  second2: "second",
  fixedFraction: "fraction",
};

const isSeparator = (byte: number): boolean => byte === 46 || byte === 44;
const MAX_ASCII = 0x7f;

/** Undefined when the layout is not of that sort, names a part twice, or could take a literal for a fraction. */
export function layoutShape(layout: string): LayoutShape | undefined {
  const fields: LayoutField[] = [];
  const literals: LayoutLiteral[] = [];
  let at = 0;
  for (const { token, text } of tokenizeLayout(layout)) {
    const part = PARTS[token];
    if (part === undefined && token !== "literal") return undefined;
    if (fields.some((field) => field.part === part)) return undefined;
    const literalBytes = part === undefined ? text.length : Number(part === "fraction");
    for (let offset = 0; offset < literalBytes; offset += 1) {
      literals.push({ at: at + offset, byte: text.charCodeAt(offset) });
    }
    if (part !== undefined) {
      fields.push({ part, at: at + literalBytes, digits: text.length - literalBytes });
    }
    at += text.length;
  }
  if (literals.some(({ byte }) => byte > MAX_ASCII)) return undefined;
  return hasLooseFraction(fields, literals) ? undefined : { length: at, fields, literals };
}

/** A separator after the seconds that is not part of a fraction: parsing might take it for one. */
function hasLooseFraction(
  fields: readonly LayoutField[],
  literals: readonly LayoutLiteral[],
): boolean {
  const second = fields.find(({ part }) => part === "second");
  if (second === undefined) return false;
  const next = second.at + second.digits;
  const isFraction = fields.some(({ part, at }) => part === "fraction" && at === next + 1);
  return !isFraction && literals.some(({ at, byte }) => at === next && isSeparator(byte));
}
