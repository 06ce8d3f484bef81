import { parseBool } from "./bool-text.ts";
import { decimalFromFloat, decimalFromText } from "./decimal-text.ts";
import { roundDecimal } from "./decimal.ts";
import type { FieldType } from "./field-type.ts";
import { parseFloatText } from "./float-text.ts";
import { parseInt64 } from "./int-text.ts";
import { compileLayout } from "./layout.ts";
import { defaultValue, type Decimal, type Value } from "./value.ts";
import { trimBlanks } from "./white-space.ts";

const DATETIME = compileLayout("2006-01-02T15:04:05.000-07:00");

const CENT_DIGITS = 2;

/** An ordinary decimal, rounded to hundredths; what only a double can be written as (hexadecimal) goes through one. */
function decimalDefault(text: string): Decimal | undefined {
  const float = parseFloatText(text);
  if (float === undefined || !Number.isFinite(float * 100)) return undefined;
  const value = decimalFromText(text) ?? decimalFromFloat(float);
  return value && roundDecimal(value, CENT_DIGITS);
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
