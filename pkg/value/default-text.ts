import { parseBool } from "./bool-text.ts";
import type { FieldType } from "./field-type.ts";
import { parseFloatText } from "./float-text.ts";
import { parseInt64 } from "./int-text.ts";
import { compileLayout } from "./layout.ts";
import { defaultValue, type Decimal, type Value } from "./value.ts";
import { trimBlanks } from "./white-space.ts";

const DATETIME = compileLayout("2006-01-02T15:04:05.000-07:00");

/** Hundredths of a double, halves away from zero. */
function decimalDefault(text: string): Decimal | undefined {
  const value = parseFloatText(text);
  if (value === undefined || !Number.isFinite(value * 100)) return undefined;
  const hundredths = Math.abs(value * 100);
  const whole = Math.trunc(hundredths);
  const digits = BigInt(hundredths - whole >= 0.5 ? whole + 1 : whole);
  return { digits: value < 0 ? -digits : digits, scale: 2 };
}

const PARSE = {
  string: (text) => text,
  int: parseInt64,
  float: parseFloatText,
  bool: parseBool,
  decimal2: decimalDefault,
  datetime: DATETIME.parse,
} as const satisfies Readonly<Record<FieldType, (text: string) => Value | undefined>>;

/**
 * `default_value` of a table field (spec/expressions.md 5.6), trimmed; a blank text is the type's default.
 * Undefined when the text does not fit.
 */
export function parseDefault(type: FieldType, text: string): Value | undefined {
  const trimmed = trimBlanks(text);
  return trimmed === "" ? defaultValue(type) : PARSE[type](trimmed);
}
