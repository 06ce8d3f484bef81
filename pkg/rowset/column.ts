/** 64-bit integers: doubles while every value is a safe integer (never -0), else BigInt64Array. */
export type Integers = Float64Array | BigInt64Array;

export interface IntColumn {
  readonly type: "int";
  readonly values: Integers;
}

export interface FloatColumn {
  readonly type: "float";
  readonly values: Float64Array;
}

/** Exact hundredths. */
export interface DecimalColumn {
  readonly type: "decimal2";
  readonly values: Integers;
}

/** Milliseconds since 1970 UTC; integral. */
export interface DatetimeColumn {
  readonly type: "datetime";
  readonly values: Float64Array;
}

/** One byte a row, 0 or 1. */
export interface BoolColumn {
  readonly type: "bool";
  readonly values: Uint8Array;
}

/**
 * UTF-8 texts. Entry e is bytes[offsets[e]] up to bytes[offsets[e + 1]]; row i is entry codes[i], or entry i when
 * there are no codes. Entries of a dictionary need not be distinct, sorted or all used.
 */
export interface StringColumn {
  readonly type: "string";
  readonly codes: Int32Array | undefined;
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** What tables hold: values after storage normalisation (spec/script.md 0, design 5). */
export type Column =
  IntColumn | FloatColumn | DecimalColumn | DatetimeColumn | BoolColumn | StringColumn;

/** Rows as columns. All columns have `rows` rows. Names are field names without prefix. */
export interface Rowset {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}
