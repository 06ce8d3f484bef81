import { compileCellReader, type FieldType, type Value } from "#pkg/value";
import type { ColumnBuilder } from "./builder.ts";
import { dateShape, type DateShape } from "./date-shape.ts";
import { DecimalBuilder, FloatBuilder, IntBuilder } from "./number-builders.ts";
import { newTextMemory, StringBuilder, type TextMemory } from "./string-builder.ts";
import type { CsvReader, CsvReaderColumn } from "./types.ts";
import { BoolBuilder, DatetimeBuilder } from "./value-builders.ts";

/** One column of the reader with its place in the records of this file. */
export interface PlannedColumn {
  readonly column: CsvReaderColumn;
  readonly position: number;
  readonly builder: ColumnBuilder;
  /** False: cells are checked, their values not kept. */
  readonly wanted: boolean;
  readonly shape: DateShape | undefined;
}

/** Columns in cell order, those of one cell in the order of the reader. */
export interface ColumnPlan {
  readonly separator: number;
  readonly fields: number;
  readonly columns: readonly PlannedColumn[];
  /** Cell index of each column of the reader, in their order; also of those that are not planned. */
  readonly positions: readonly number[];
}

type Memory = Map<string, Value>;

/** Cells that occur again and again, such as empty ones, are converted once. */
function remembering(column: CsvReaderColumn): (text: string) => Value {
  const { type, format, defaultText } = column;
  const convert = compileCellReader({
    type,
    defaultText,
    format: format === "" ? undefined : format,
  });
  const memory: Memory = new Map();
  return (text) => {
    const known = memory.get(text);
    if (known !== undefined) return known;
    const value = convert(text);
    if (memory.size < 256) memory.set(text, value);
    return value;
  };
}

/** Of the columns of a reader, which stays the same from file to file of a node. */
const memories = new WeakMap<CsvReaderColumn, TextMemory>();

function memoryOf(column: CsvReaderColumn): TextMemory {
  const memory = memories.get(column) ?? newTextMemory();
  memories.set(column, memory);
  return memory;
}

type Exact = (text: string) => Value;
type MakeBuilder = (
  column: CsvReaderColumn,
  exact: Exact,
  shape: DateShape | undefined,
) => ColumnBuilder;

const isPlain = ({ format }: CsvReaderColumn): boolean => format === "";

const BUILDERS: Readonly<Record<FieldType, MakeBuilder>> = {
  int: (column, exact) => new IntBuilder(exact, isPlain(column)),
  float: (column, exact) => new FloatBuilder(exact, isPlain(column)),
  decimal2: (column, exact) => new DecimalBuilder(exact, isPlain(column)),
  bool: (_column, exact) => new BoolBuilder(exact),
  datetime: (_column, exact, shape) => new DatetimeBuilder(exact, shape),
  string: (column, exact) =>
    new StringBuilder(exact, column.defaultText, !isPlain(column), memoryOf(column)),
};

/** A string column that nobody wants cannot fail, unless it has a format. */
const isNeeded = ({ column, wanted }: PlannedColumn): boolean =>
  wanted || column.type !== "string" || column.format !== "";

function planned(column: CsvReaderColumn, position: number, wanted: boolean): PlannedColumn {
  const shape = column.type === "datetime" ? dateShape(column.format) : undefined;
  const builder = BUILDERS[column.type](column, remembering(column), shape);
  return { column, position, builder, wanted, shape };
}

/** The same plan with builders of its own. */
export const withNewBuilders = (plan: ColumnPlan): ColumnPlan => ({
  ...plan,
  columns: plan.columns.map(({ column, position, wanted }) => planned(column, position, wanted)),
});

/** `names`: the columns whose values are wanted, all when absent. The other columns are checked too. */
export function planColumns(
  reader: CsvReader,
  fields: number,
  positions: readonly number[],
  names?: Iterable<string>,
): ColumnPlan {
  const wanted = names === undefined ? undefined : new Set(names);
  const columns = reader.columns.map((column, i) =>
    planned(column, positions[i] as number, wanted?.has(column.name) ?? true),
  );
  return {
    separator: reader.separator.charCodeAt(0),
    fields,
    positions,
    columns: columns.filter(isNeeded).toSorted((a, b) => a.position - b.position),
  };
}
