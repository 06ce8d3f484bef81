import { Fault } from "#pkg/fault";
import type { FileTableNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { committedUnits } from "./committed.ts";
import { applyHaving, evaluateFields, scopeOf, toStorage } from "./evaluate.ts";
import { withInput } from "./file-input.ts";
import { rangeOfUnit } from "./file-split.ts";
import { inputBlocks, type InputBlock, type InputRange } from "./input-blocks.ts";
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
    for await (const block of inputBlocks({ node: context.node, open, url }, range)) {
      read += block.rows;
      filtered += await writeBlock(context, writer, block);
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
): Promise<{ readonly file: number; readonly range: InputRange | undefined }> {
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
  block: InputBlock,
): Promise<number> {
  const { code } = context;
  const { names } = block;
  const vectors = evaluateFields(code.fields, scopeOf("r", block.columns), block.rows, names);
  const kept = applyHaving(code.having, code.fields, vectors, { rows: block.rows, names });
  await writer.append(toStorage(code.fields, kept, names));
  return block.rows - kept.rows;
}
