import { Fault } from "#pkg/fault";
import { columnFrom, gatherVector, vectorFrom, type Column, type Vector } from "#pkg/rowset";
import type { TableReaderNode } from "#pkg/script";
import type { SourceDecisions, TableBlock } from "#pkg/table";
import { compileCellReader, parseDefault, type FieldType, type Value } from "#pkg/value";
import { tableTypes } from "./node-code.ts";
import type { CorrectedTexts, RowRange } from "#pkg/workflow";
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
  readonly values: CorrectedTexts;
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

const tableDecisions = ({ decided, node, task }: NodeContext<TableReaderNode>): SourceDecisions =>
  decided.of({
    node: node.name,
    input: task.verdict.reader?.manifest ?? "",
    file: node.reader.table,
  });

/** Corrected rows among those of a share of the table. */
export async function correctedRows(
  context: NodeContext<TableReaderNode>,
  { from, to }: RowRange,
): Promise<{ readonly corrected?: number }> {
  let corrected = 0;
  for await (const rows of tableDecisions(context).between(from + 1, to))
    corrected += rows.filter(([, decision]) => decision !== "waived").length;
  return corrected === 0 ? {} : { corrected };
}

/** Blocks of the table that the node reads, with corrected rows in them. */
export async function* correctedBlocks(
  context: NodeContext<TableReaderNode>,
  blocks: AsyncGenerator<TableBlock>,
): AsyncGenerator<TableBlock> {
  if (context.decided.isEmpty) {
    yield* blocks;
    return;
  }
  const decisions = tableDecisions(context);
  const types = [...tableTypes(context.script, context.node.reader.table)].map(([name, type]) => ({
    name,
    type,
  }));
  for await (const { from, rowset } of blocks) {
    const { rows } = rowset;
    const concerned = await correctionsOf(decisions, { from, to: from + rows });
    const columns = correctedColumns(rowset.columns, rows, concerned, types);
    yield { from, rowset: { rows, columns: columns as ReadonlyMap<string, Column> } };
  }
}

/** Corrections of the rows of a range, by their position in it. */
async function correctionsOf(
  decisions: SourceDecisions,
  { from, to }: RowRange,
): Promise<readonly RowCorrection[]> {
  const corrections: RowCorrection[] = [];
  for await (const decided of decisions.between(from + 1, to))
    for (const [line, values] of decided)
      if (values !== "waived") corrections.push({ row: line - 1 - from, values });
  return corrections;
}
