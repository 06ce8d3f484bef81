import type { SchemaElement } from "hyparquet";
import type { FieldType } from "#pkg/value";

/** How each field type is kept (spec/script.md 11.3); decimals say precision 18, so that every reader accepts them. */
const ELEMENTS = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  int: { type: "INT64" },
  float: { type: "DOUBLE" },
  bool: { type: "BOOLEAN" },
  decimal2: {
    type: "INT64",
    converted_type: "DECIMAL",
    scale: 2,
    precision: 18,
    logical_type: { type: "DECIMAL", scale: 2, precision: 18 },
  },
  datetime: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MILLIS" },
  },
} as const satisfies Record<FieldType, Omit<SchemaElement, "name">>;

export const elementOf = (name: string, type: FieldType): SchemaElement => ({
  name,
  repetition_type: "OPTIONAL",
  ...ELEMENTS[type],
});
