/**
 * What a processor module exports as default; authors import the types from `capillaries/processor`. This file stands alone,
 * because it is what they compile against. See docs/processors.md.
 */
export interface ProcessorModule<Settings = unknown> {
  /** JSON Schema (2020-12) of the node's `p`; checked when a script is read. */
  readonly settings: object;
  /** Fields of the source table that `process` looks at. */
  sourceFields(settings: Settings): readonly string[];
  /** Output fields, `p.<name>` in the writer, with their types. */
  outputs(settings: Settings): Readonly<Record<string, FieldTypeName>>;
  /**
   * Turns a page of rows into records. What comes out of a row must depend on that row and the settings alone: pages may be cut
   * anyhow, and a page that throws is done again row by row to find the row. Called in an engine thread; may be async.
   */
  process(page: Page, settings: Settings): PageResult | Promise<PageResult>;
}

export type FieldTypeName = "int" | "float" | "decimal2" | "string" | "bool" | "datetime";

/** int: bigint; float: number; decimal2: exact text like "12.5"; datetime: milliseconds since 1970 UTC. */
export type CellValue = bigint | number | string | boolean;

export interface Page {
  readonly rows: number;
  /** One list for each of the sourceFields, `rows` values long. */
  readonly columns: Readonly<Record<string, readonly CellValue[]>>;
}

export interface PageResult {
  /** One list for each output, all of the same length. Ints may be numbers, decimals numbers or bigints. */
  readonly columns: Readonly<Record<string, readonly CellValue[]>>;
  /** Source row of each record, ascending; a row may have several records or none. Absent: record i is row i. */
  readonly rows?: readonly number[];
}
