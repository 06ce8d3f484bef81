/** The six types of the script language (spec/script.md 0). There is no null: every field of every row has a value. */
export const FIELD_TYPES = ["int", "float", "decimal2", "string", "bool", "datetime"] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

export const isFieldType = (text: unknown): text is FieldType =>
  (FIELD_TYPES as readonly unknown[]).includes(text);
