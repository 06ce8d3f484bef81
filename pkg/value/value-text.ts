import { MONTHS } from "./calendar.ts";
import type { Zone } from "./date-time.ts";
import { decimalToText } from "./decimal-text.ts";
import { floatToText } from "./float-text.ts";
import type { FieldType } from "./field-type.ts";
import { compileLayout } from "./layout.ts";
import type { DateTime, Decimal, Value } from "./value.ts";

/** The six field types, and three kinds that no field can hold: a text's length (as int), a month (1-12) and a zone. */
export type ValueKind = FieldType | "length" | "month" | "zone";

const DATETIME_TEXT = compileLayout("2006-01-02 15:04:05.999999999 -0700 MST");

const TEXTS = {
  int: String,
  length: String,
  float: (value) => floatToText(value as number),
  decimal2: (value) => decimalToText(value as Decimal),
  string: (value) => value as string,
  bool: String,
  datetime: (value) => DATETIME_TEXT.format(value as DateTime),
  month: (value) => MONTHS[Number(value) - 1] ?? "",
  zone: (value) => (value as Zone).name,
} as const satisfies Readonly<Record<ValueKind, (value: Value | Zone) => string>>;

/** Default text of a value: string(x) and %v (spec/expressions.md 5.1). */
export const valueToText = (kind: ValueKind, value: Value | Zone): string => TEXTS[kind](value);
