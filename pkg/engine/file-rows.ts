import { Fault } from "#pkg/fault";
import { readCsv, type CsvBlock, type CsvRange } from "#pkg/formats";
import type { FileTableNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { committedUnits } from "./committed.ts";
import { applyHaving, evaluateFields, scopeOf, toStorage, type RowNames } from "./evaluate.ts";
import { withInput } from "./file-input.ts";
import { rangeOfUnit } from "./file-split.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of file_table: unit = file, or range over all files when the node was split. Memory: one block of records and the
 * writer; nothing spills.
 */
export async function fileRows(context: NodeContext<FileTableNode>): Promise<UnitOutcome> {
  const { file, range } = await sourceOf(context);
  const writer = new TableWriter(context, context.node.writer.indexes);
  let [read, filtered] = [0, 0];
  await withInput(context, file, async (open, url) => {
    const options = { file: open, url, reader: context.node.reader, node: context.node.name };
    for await (const block of readCsv(range === undefined ? options : { ...options, range })) {
      read += block.rows;
      filtered += await writeBlock(context, writer, block, url);
      context.progress.advance(block.rows);
    }
  });
  checkCounts(`node ${context.node.name}`, read, [writer.rows, filtered]);
  return {
    counts: { ...NO_ROWS, read, written: writer.rows, filtered },
    ...(await writer.finish()),
  };
}

async function sourceOf(
  context: NodeContext<FileTableNode>,
): Promise<{ readonly file: number; readonly range: CsvRange | undefined }> {
  const { task, ports } = context;
  if (!task.plan.phases.some((phase) => phase.name === "split"))
    return { file: task.unit, range: undefined };
  const found = await rangeOfUnit(ports.tables, await committedUnits(context, "split"), task.unit);
  if (found === undefined)
    throw new Fault("INTERNAL", `there is no range ${task.unit} of node ${task.node}`);
  return found;
}

/** Resolves with the rows refused by `having`. */
async function writeBlock(
  context: NodeContext<FileTableNode>,
  writer: TableWriter,
  block: CsvBlock,
  url: string,
): Promise<number> {
  const { node, code } = context;
  const names: RowNames = {
    node: node.name,
    describe: (row) => {
      const line = block.lineOf(row);
      return { text: `file ${url}, line ${line}`, facts: { file: url, line } };
    },
  };
  const vectors = evaluateFields(code.fields, scopeOf("r", block.columns), block.rows, names);
  const kept = applyHaving(code.having, code.fields, vectors, { rows: block.rows, names });
  await writer.append(toStorage(code.fields, kept, names));
  return block.rows - kept.rows;
}
