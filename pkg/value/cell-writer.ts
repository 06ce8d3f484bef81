import { centsToFixed, decimalToFixed } from "./decimal-text.ts";
import type { FieldType } from "./field-type.ts";
import { formatFloat } from "./float-format.ts";
import { compileLayout } from "./layout.ts";
import { sprintf } from "./sprintf.ts";
import type { DateTime, Decimal, Value } from "./value.ts";

/**
 * Text of one value before any quoting. Besides the values of its type it takes what table columns hold: int as
 * number, decimal2 as hundredths (number or bigint), datetime as milliseconds since 1970 UTC.
 */
export type CellWriter = (value: Value) => string;

const FIXED_FLOAT = /^%\.(\d{1,2})[fF]$/;
const CENT_DIGITS = 2;

const isWhole = (value: Value): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

const centsText = (value: Value): string =>
  isWhole(value) ? centsToFixed(value) : decimalToFixed(value as Decimal, CENT_DIGITS);

function floatWriter(format: string): CellWriter {
  const fixed = FIXED_FLOAT.exec(format);
  if (fixed === null) return (value) => sprintf(format, [{ kind: "float", value }]);
  const digits = Number(fixed[1]);
  return (value) => formatFloat(value as number, "f", digits);
}

function dateTimeWriter(format: string): CellWriter {
  const layout = compileLayout(format);
  return (value) =>
    typeof value === "number" ? layout.formatMs(value) : layout.format(value as DateTime);
}

/** The text itself where the format only passes it on. */
function textWriter(format: string, toText: (value: Value) => string): CellWriter {
  if (format === "%s") return toText;
  return (value) => sprintf(format, [{ kind: "string", value: toText(value) }]);
}

function wholeWriter(format: string): CellWriter {
  if (format === "%d" || format === "%v") return String;
  return (value) => sprintf(format, [{ kind: "int", value: BigInt(value as bigint | number) }]);
}

function boolWriter(format: string): CellWriter {
  if (format === "%t" || format === "%v") return String;
  return (value) => sprintf(format, [{ kind: "bool", value }]);
}

const WRITERS = {
  int: wholeWriter,
  float: floatWriter,
  decimal2: (format) => textWriter(format, centsText),
  string: (format) => textWriter(format, (value) => value as string),
  bool: boolWriter,
  datetime: dateTimeWriter,
} as const satisfies Readonly<Record<FieldType, (format: string) => CellWriter>>;

/** Formats the cells of one CSV column (spec/expressions.md 5.5); a verb that does not fit gives in-band error text. */
export const compileCellWriter = (type: FieldType, format: string): CellWriter =>
  WRITERS[type](format);
