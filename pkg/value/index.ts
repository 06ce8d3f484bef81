export { FIELD_TYPES, isFieldType, type FieldType } from "./field-type.ts";
export {
  DEFAULT_DATETIME_MS,
  defaultValue,
  type DateTime,
  type Decimal,
  type Value,
  type ValueOf,
} from "./value.ts";
export {
  addDecimals,
  compareDecimals,
  decimalFromCents,
  decimalToCents,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  roundDecimal,
  subtractDecimals,
  truncateDecimal,
} from "./decimal.ts";
export {
  centsToFixed,
  decimalFromFloat,
  decimalFromText,
  decimalToFixed,
  decimalToFloat,
  decimalToText,
} from "./decimal-text.ts";
export { isInt64, parseInt64 } from "./int-text.ts";
export { parseBool } from "./bool-text.ts";
export { floatToText, parseFloatText } from "./float-text.ts";
export { formatFloat, type FloatVerb } from "./float-format.ts";
export { civilFromDays, daysFromCivil, daysInMonth, MONTHS, type Civil } from "./calendar.ts";
export {
  dateFromParts,
  dateTimeFromMs,
  dateTimeToMs,
  defaultDateTime,
  UTC,
  type DateParts,
  type Zone,
} from "./date-time.ts";
export { compileLayout, type Layout } from "./layout.ts";
export {
  layoutShape,
  type LayoutField,
  type LayoutLiteral,
  type LayoutPart,
  type LayoutShape,
} from "./layout-shape.ts";
export { valueToText, type ValueKind } from "./value-text.ts";
export { sprintf } from "./sprintf.ts";
export type { PrintArgument } from "./print-argument.ts";
export { compileScan, type Scan } from "./scan.ts";
export { compileCellReader, type CellColumn, type CellReader } from "./cell-reader.ts";
export { compileCellWriter, type CellWriter } from "./cell-writer.ts";
export { parseDefault } from "./default-text.ts";
export { isBlank } from "./white-space.ts";
export { compareValues } from "./compare.ts";
export { compareUtf8, utf8Length } from "./utf8.ts";
export { foldText, type FoldOptions } from "./fold-text.ts";
export { canonicalBytes } from "./value-bytes.ts";
export { keyBytes } from "./key-bytes.ts";
export { upperCase } from "./upper-case.ts";
