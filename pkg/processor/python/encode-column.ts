import {
  textsOf,
  type BoolColumn,
  type Column,
  type DatetimeColumn,
  type DecimalColumn,
  type FloatColumn,
  type StringColumn,
} from "#pkg/rowset";
import { compileLayout, decimalFromCents, decimalToText } from "#pkg/value";

/** A column as a JSON list, and what Python has to make of its items before they are used. */
export interface EncodedColumn {
  readonly json: string;
  /** "": nothing; "float": every item is a float; "decimal": texts of decimals that floats may not hold. */
  readonly form: "" | "float" | "decimal";
}

/**
 * Values as Python code knows them (spec/script.md 9.1): ints exactly, decimals as int or float by their shortest text,
 * datetimes as texts with milliseconds and offset, floats and texts unchanged.
 */
export function encodeColumn(column: Column): EncodedColumn {
  switch (column.type) {
    case "int":
      return { json: list(column.values), form: "" };
    case "float":
      return { json: floats(column), form: "float" };
    case "decimal2":
      return decimals(column);
    case "string":
      return { json: texts(column), form: "" };
    case "bool":
      return { json: bools(column), form: "" };
    case "datetime":
      return { json: datetimes(column), form: "" };
  }
}

/** Also NaN and the infinities, as Python's JSON spells them. */
const list = (values: Float64Array | BigInt64Array): string => `[${values.join(",")}]`;

function floats({ values }: FloatColumn): string {
  if (!values.some((value) => Object.is(value, -0))) return list(values);
  return `[${Array.from(values, (value) => (Object.is(value, -0) ? "-0.0" : String(value))).join(",")}]`;
}

/** Below this, hundredths divided by 100 print as the decimal they are: floats lie closer together than hundredths. */
const EXACT_CENTS = 2 ** 51;

function decimals({ values }: DecimalColumn): EncodedColumn {
  if (values instanceof Float64Array && values.every((cents) => Math.abs(cents) <= EXACT_CENTS))
    return { json: list(values.map((cents) => cents / 100)), form: "" };
  const shortest = Array.from(values as ArrayLike<number | bigint>, (cents) =>
    JSON.stringify(decimalToText(decimalFromCents(cents))),
  );
  return { json: `[${shortest.join(",")}]`, form: "decimal" };
}

function texts(column: StringColumn): string {
  const entries = textsOf(column);
  if (column.codes === undefined) return JSON.stringify(entries);
  const quoted: (string | undefined)[] = [];
  const parts: string[] = [];
  for (const code of column.codes) parts.push((quoted[code] ??= JSON.stringify(entries[code])));
  return `[${parts.join(",")}]`;
}

function bools({ values }: BoolColumn): string {
  return `[${Array.from(values, (value) => (value === 1 ? "true" : "false")).join(",")}]`;
}

const LAYOUT = compileLayout("2006-01-02T15:04:05.000-07:00");
/** Years of four digits. */
const LEAST_ISO_MS = -62_167_219_200_000;
const MOST_ISO_MS = 253_402_300_799_999;

function datetimes({ values }: DatetimeColumn): string {
  return `[${Array.from(values, (ms) => `"${datetimeText(ms)}"`).join(",")}]`;
}

function datetimeText(ms: number): string {
  if (ms < LEAST_ISO_MS || ms > MOST_ISO_MS) return LAYOUT.formatMs(ms);
  return `${new Date(ms).toISOString().slice(0, -1)}+00:00`;
}
