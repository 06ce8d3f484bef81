import { isExact, storable, textsOf, type Column, type Vector } from "#pkg/rowset";
import { centsToFixed, compileLayout, type FieldType } from "#pkg/value";
import { ByteSink } from "./byte-sink.ts";
import type { RowEncoder } from "./types.ts";

/** What an encoder needs of the writer of a node. */
export interface NdjsonWriter {
  readonly columns: readonly NdjsonWriterColumn[];
}

export interface NdjsonWriterColumn {
  readonly type: FieldType;
  /** Name of the member. */
  readonly header: string;
  /** Layout of a datetime, "" for RFC 3339 with milliseconds. */
  readonly format: string;
}

const DEFAULT_LAYOUT = "2006-01-02T15:04:05.000Z07:00";

type CellText = (row: number) => string;

const CELLS: { readonly [Type in FieldType]: (column: Column, layout: string) => CellText } = {
  int: (column) => (row) => String((column as { values: ArrayLike<number | bigint> }).values[row]),
  float: (column) => (row) =>
    numberText((column as { values: Float64Array }).values[row] as number),
  decimal2: (column) => (row) =>
    centsToFixed(BigInt((column as { values: ArrayLike<number | bigint> }).values[row] as number)),
  bool: (column) => (row) =>
    (column as { values: Uint8Array }).values[row] === 1 ? "true" : "false",
  datetime: (column, layout) => {
    const { formatMs } = compileLayout(layout);
    return (row) =>
      JSON.stringify(formatMs((column as { values: Float64Array }).values[row] as number));
  },
  string: (column) => {
    const strings = column as Extract<Column, { type: "string" }>;
    const texts = textsOf(strings);
    const quoted: string[] = [];
    return (row) => {
      const entry = strings.codes === undefined ? row : (strings.codes[row] as number);
      return (quoted[entry] ??= JSON.stringify(texts[entry]));
    };
  },
};

/** JSON has no word for what is no number. */
const numberText = (value: number): string =>
  Number.isFinite(value) ? JSON.stringify(value === 0 ? 0 : value) : "null";

/** Turns rows into JSON objects, one a line, with members in the order of the columns. */
export function ndjsonEncoder(writer: NdjsonWriter): RowEncoder {
  const columns = writer.columns.map(({ type, header, format }, at) => ({
    type,
    layout: format === "" ? DEFAULT_LAYOUT : format,
    prefix: `${at === 0 ? "{" : ","}${JSON.stringify(header)}:`,
  }));
  return {
    header: () => new Uint8Array(0),
    end: () => new Uint8Array(0),
    rows: (vectors, rows) => {
      const cells = columns.map(({ type, layout }, at) =>
        cellsOf(type, vectors[at] as Vector, layout),
      );
      const out = new ByteSink(rows * columns.length * 16 + 64);
      for (let row = 0; row < rows; row++) {
        let line = "";
        for (const [at, cell] of cells.entries()) line += (columns[at]?.prefix ?? "") + cell(row);
        out.text(`${line}}\n`);
      }
      return out.take();
    },
  };
}

/** Datetimes keep what their layout can show; everything else is as tables hold it. */
function cellsOf(type: FieldType, vector: Vector, layout: string): CellText {
  if (isExact(vector) && vector.type === "datetime") {
    const { format } = compileLayout(layout);
    return (row) => JSON.stringify(format(vector.exact[row] as (typeof vector.exact)[number]));
  }
  return CELLS[type](storable(vector), layout);
}
