import { parseBool } from "./bool-text.ts";
import { cellFault, shown, type CellCode } from "./cell-fault.ts";
import { decimalFromFloat, decimalFromText } from "./decimal-text.ts";
import { roundDecimal } from "./decimal.ts";
import type { FieldType } from "./field-type.ts";
import { parseFloatText } from "./float-text.ts";
import { parseInt64 } from "./int-text.ts";
import { compileLayout } from "./layout.ts";
import { compileScan } from "./scan.ts";
import { defaultValue, type Decimal, type Value } from "./value.ts";
import { isBlank } from "./white-space.ts";

export interface CellColumn {
  readonly type: FieldType;
  /** col_format; absent or empty = none. */
  readonly format?: string | undefined;
  /** col_default_value; absent = none. */
  readonly defaultText?: string | undefined;
}

/** Throws CELL_INVALID with facts.code (E-convert, E-time, E-format, E-nan). */
export type CellReader = (text: string) => Value;

type Parse = (text: string) => Value | undefined;

const CENT_DIGITS = 2;

const toCents = (value: Decimal | undefined): Decimal | undefined =>
  value === undefined ? undefined : roundDecimal(value, CENT_DIGITS);

function withFormat(format: string | undefined): string {
  return format === undefined ? "" : ` in the format ${shown(format)}`;
}

const withArticle = (type: FieldType): string => (type === "int" ? "an int" : `a ${type}`);

function converter(parse: Parse, type: FieldType, code: CellCode, format?: string): CellReader {
  const suffix = withFormat(format);
  return (text) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw cellFault(code, `${shown(text)} is not ${withArticle(type)}${suffix}`);
  };
}

function scanDecimal(format: string): CellReader {
  const read = converter(compileScan(format, "float") ?? NOTHING, "decimal2", "E-convert", format);
  return (text) => {
    const value = toCents(decimalFromFloat(read(text) as number));
    if (value !== undefined) return value;
    throw cellFault("E-nan", `${shown(text)} is no finite number`);
  };
}

const NOTHING = (): undefined => undefined;

function scanned(type: "int" | "float", format: string): CellReader {
  return converter(compileScan(format, type) ?? NOTHING, type, "E-convert", format);
}

/** How a cell is read with a format. */
const FORMATTED = {
  int: (format) => scanned("int", format),
  float: (format) => scanned("float", format),
  decimal2: scanDecimal,
  bool: (format) => refuseFormat("bool", format),
  string: (format) => refuseFormat("string", format),
  datetime: (format) => converter(compileLayout(format).parse, "datetime", "E-time", format),
} as const satisfies Readonly<Record<FieldType, (format: string) => CellReader>>;

function refuseFormat(type: FieldType, format: string): CellReader {
  return () => {
    throw cellFault("E-format", `a ${type} column cannot have the col_format ${shown(format)}`);
  };
}

function refuseDateTime(text: string): never {
  const message = `the column has no col_format to read the datetime ${shown(text)} with`;
  throw cellFault("E-time", message);
}

/** How a cell is read without a format. */
const UNFORMATTED = {
  int: converter(parseInt64, "int", "E-convert"),
  float: converter(parseFloatText, "float", "E-convert"),
  decimal2: converter((text) => toCents(decimalFromText(text)), "decimal2", "E-convert"),
  bool: converter(parseBool, "bool", "E-convert"),
  string: (text) => text,
  datetime: refuseDateTime,
} as const satisfies Readonly<Record<FieldType, CellReader>>;

/** What a blank cell means; converted at the first blank cell, where a bad default is noticed. */
function blankReader({ type, format, defaultText = "" }: CellColumn): () => Value {
  if (type === "string") return () => defaultText;
  if (isBlank(defaultText)) return () => defaultValue(type);
  const isFormatted = type === "datetime" && format !== undefined;
  const read: CellReader = isFormatted ? FORMATTED[type](format) : UNFORMATTED[type];
  let value: Value | undefined;
  return () => (value ??= read(defaultText));
}

/** Converts the cells of one CSV column (spec/expressions.md 5.3). */
export function compileCellReader(column: CellColumn): CellReader {
  const { type } = column;
  const format = column.format === "" ? undefined : column.format;
  const read: CellReader = format === undefined ? UNFORMATTED[type] : FORMATTED[type](format);
  if (format !== undefined && (type === "string" || type === "bool")) return read;
  const readBlank = blankReader({ ...column, format });
  if (type === "string") return (text) => (text === "" ? readBlank() : read(text));
  return (text) => (isBlank(text) ? readBlank() : read(text));
}
