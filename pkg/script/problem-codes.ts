/**
 * Every kind of problem a script can have and the way out shown after the message when no better one is known.
 * Codes are stable: editors and tests branch on them.
 */
export const PROBLEM_HINTS = {
  SYNTAX: "Correct the text at this place; everything after it has not been checked.",
  FILE_TYPE: "Name the file .json or .yaml.",
  PARAMETER: "Allowed are strings, numbers, booleans and non-empty lists of strings.",
  PARAMETER_REFERENCE: 'Write "{name|number}" as the whole value between double quotes.',
  PARAMETER_UNRESOLVED: "Add the parameter to the parameters file or give it with --param.",
  PARAMETER_UNUSED: "Correct its name or leave it out; it has no effect.",
  KEY_DUPLICATE: "Remove one of the two; the last one counts.",
  KEY_CASE: "Write the key in lower case.",
  KEY_UNKNOWN: "Remove the key; it has no effect.",
  KEY_MISTYPED: "Correct the spelling; a mistyped setting of this kind must not be lost silently.",
  DIALECT: "Use the keys of one generation: csv objects (latest) or flat keys (1.1.6).",
  SHAPE: "See the JSON Schema of scripts, schema.json.",
  LIMIT: "Choose a value inside the limits.",
  NAME: "Use a letter first, then letters, digits and _.",
  NAME_DUPLICATE: "Rename one of them.",
  TYPE_UNKNOWN: "Types are int, float, decimal2, string, bool and datetime.",
  TABLE_UNKNOWN: "Name a table that a node of this script writes (w.name).",
  INDEX_UNKNOWN: "Name an index that a node of this script defines (w.indexes).",
  INDEX_DEFINITION: "Write unique(field, …) or non_unique(field, …).",
  INDEX_UNUSED: "Remove the index or use it in a lookup; names with to_check_uniq are exempt.",
  ORDER: "Write field or field(modifier, …), separated by commas.",
  JOIN: "List one r.field for each component of the index.",
  FIELD_UNKNOWN: "Use a field that is available here.",
  EXPRESSION_EMPTY: "Write an expression.",
  EXPRESSION_SYNTAX: "Write one Go-style expression; see the expression reference.",
  EXPRESSION_TYPE:
    "Make operand and result types agree; conversions are explicit: int(x), float(x), decimal2(x), string(x).",
  AGGREGATE_PLACE:
    "Aggregates stand alone, as the whole expression of a field in a lookup with group: true.",
  FORMAT: "Use a format that fits the type of the column.",
  DEFAULT_TEXT: "Write a text that the column itself could contain.",
  URL: "Use a plain path.",
  TARGET_CONFLICT: "Give every batch and every node its own target file.",
  INPUT_REPLACED:
    "Name another target; a second run or a retry would not find what the first one read.",
  CYCLE: "A table cannot depend on itself; read another table in one of these nodes.",
  DISTINCT: "See the rules of distinct_table nodes.",
  POLICY: "See the rules of dependency_policies.",
  PROCESSOR: "See the rules of custom processors.",
  NOT_AVAILABLE: "This build does not execute that feature yet; remove it or use a newer version.",
} as const satisfies Readonly<Record<string, string>>;

export type ProblemCode = keyof typeof PROBLEM_HINTS;
