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

const UNFORMATTED = {
  int: parseInt64,
  float: parseFloatText,
  decimal2: (text: string) => toCents(decimalFromText(text)),
  bool: parseBool,
} as const;

function withFormat(format: string | undefined): string {
  return format === undefined ? "" : ` in the format ${shown(format)}`;
}

function converter(parse: Parse, type: FieldType, code: CellCode, format?: string): CellReader {
  const suffix = withFormat(format);
  return (text) => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw cellFault(code, `${shown(text)} is not a ${type}${suffix}`);
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

/** A cell that is not blank. */
function nonBlankReader({ type, format }: CellColumn): CellReader {
  switch (type) {
    case "string":
      return (text) => text;
    case "bool":
      return converter(UNFORMATTED.bool, type, "E-convert");
    case "datetime":
      return dateTimeReader(format);
    case "decimal2":
      if (format !== undefined) return scanDecimal(format);
      return converter(UNFORMATTED.decimal2, type, "E-convert");
    case "int":
    case "float": {
      const parse = format === undefined ? UNFORMATTED[type] : compileScan(format, type);
      return converter(parse ?? NOTHING, type, "E-convert", format);
    }
    default:
      return type satisfies never;
  }
}

function dateTimeReader(format: string | undefined): CellReader {
  if (format !== undefined)
    return converter(compileLayout(format).parse, "datetime", "E-time", format);
  return (text) => {
    throw cellFault(
      "E-time",
      `the column has no col_format to read the datetime ${shown(text)} with`,
    );
  };
}

/** What a blank cell means; converted at the first blank cell, where a bad default is noticed. */
function blankReader(column: CellColumn): () => Value {
  const { type, defaultText = "" } = column;
  if (isBlank(defaultText)) return () => defaultValue(type);
  const isFormatted = type === "datetime";
  const read = isFormatted ? nonBlankReader(column) : nonBlankReader({ type });
  let value: Value | undefined;
  return () => (value ??= read(defaultText));
}

/** Converts the cells of one CSV column (spec/expressions.md 5.3). */
export function compileCellReader({
  type,
  format: given,
  defaultText = "",
}: CellColumn): CellReader {
  const format = given === "" ? undefined : given;
  const column = { type, format, defaultText };
  if (format !== undefined && (type === "string" || type === "bool")) {
    return () => {
      throw cellFault("E-format", `a ${type} column cannot have the col_format ${shown(format)}`);
    };
  }
  if (type === "string") return (text) => (text === "" ? defaultText : text);
  const readBlank = blankReader(column);
  const read = nonBlankReader(column);
  return (text) => (isBlank(text) ? readBlank() : read(text));
}
