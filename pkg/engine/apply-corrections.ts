import { Fault } from "#pkg/fault";
import { columnFrom, gatherVector, vectorFrom, type Column, type Vector } from "#pkg/rowset";
import type { TableReaderNode } from "#pkg/script";
import type { TableBlock } from "#pkg/table";
import { compileCellReader, parseDefault, type FieldType, type Value } from "#pkg/value";
import { correctionsOf, type SourceCorrections } from "#pkg/workflow";
import { tableTypes } from "./node-code.ts";
import type { RowRange } from "#pkg/workflow";
import type { NodeContext } from "./types.ts";
import { concatVectors } from "./vectors.ts";

interface CorrectedColumn {
  readonly name: string;
  readonly type: FieldType;
  /** How a cell of a text file is read; absent for fields of tables. */
  readonly format?: string;
  readonly defaultText?: string;
}

/** A row of a block with the texts that take the place of what was read. */
export interface RowCorrection {
  readonly row: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Columns of a block with corrected rows in them. Texts were checked when they were recorded. */
export function correctedColumns(
  columns: ReadonlyMap<string, Vector>,
  rows: number,
  corrections: readonly RowCorrection[],
  types: readonly CorrectedColumn[],
): ReadonlyMap<string, Vector> {
  if (corrections.length === 0) return columns;
  const result = new Map(columns);
  for (const column of types) {
    const vector = columns.get(column.name);
    const concerned = corrections.filter(({ values }) => Object.hasOwn(values, column.name));
    if (vector === undefined || concerned.length === 0) continue;
    const texts = concerned.map(({ values }) => values[column.name] as string);
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    for (const [at, { row }] of concerned.entries()) order[row] = rows + at;
    const both = concatVectors(column.type, [vector, vectorOf(column, texts)]);
    result.set(column.name, gatherVector(both, order));
  }
  return result;
}

function vectorOf(column: CorrectedColumn, texts: readonly string[]): Vector {
  const { name, type, format, defaultText } = column;
  if (format !== undefined)
    return vectorFrom(type, texts.map(compileCellReader({ type, format, defaultText })));
  return columnFrom(
    type,
    texts.map((text): Value => {
      const value = type === "string" ? text : parseDefault(type, text);
      if (value !== undefined) return value;
      throw new Fault("CELL_INVALID", `the corrected value "${text}" of ${name} is not a ${type}`);
    }),
  );
}

/** What was decided about the rows that the node reads from its table. */
export const tableCorrections = ({
  corrections,
  node,
  task,
}: NodeContext<TableReaderNode>): SourceCorrections =>
  correctionsOf(corrections, {
    node: node.name,
    input: task.verdict.reader?.manifest ?? "",
    file: node.reader.table,
  });

/** Corrected rows among those of a share of the table. */
export const correctedRows = (
  context: NodeContext<TableReaderNode>,
  { from, to }: RowRange,
): { readonly corrected?: number } => {
  const lines = [...tableCorrections(context).corrected.keys()];
  const corrected = lines.filter((line) => line > from && line <= to).length;
  return corrected === 0 ? {} : { corrected };
};

/** Blocks of the table that the node reads, with corrected rows in them. */
export async function* correctedBlocks(
  context: NodeContext<TableReaderNode>,
  blocks: AsyncGenerator<TableBlock>,
): AsyncGenerator<TableBlock> {
  const { corrected } = tableCorrections(context);
  if (corrected.size === 0) {
    yield* blocks;
    return;
  }
  const types = [...tableTypes(context.script, context.node.reader.table)].map(([name, type]) => ({
    name,
    type,
  }));
  for await (const { from, rowset } of blocks) {
    const { rows } = rowset;
    const concerned: RowCorrection[] = [];
    for (const [line, values] of corrected)
      if (line > from && line <= from + rows) concerned.push({ row: line - 1 - from, values });
    const columns = correctedColumns(rowset.columns, rows, concerned, types);
    yield { from, rowset: { rows, columns: columns as ReadonlyMap<string, Column> } };
  }
}
