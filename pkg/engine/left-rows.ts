import { Fault } from "#pkg/fault";
import type { TableReaderNode } from "#pkg/script";
import { rowShare, type Manifest, type RowRange, type SourceVersion } from "#pkg/workflow";
import { correctedBlocks } from "./apply-corrections.ts";
import { blockBytesOf } from "./budget.ts";
import type { RowNames } from "./evaluate.ts";
import { readTable, type TableBlock } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/** The manifest of a source chosen by the verdict. */
export function sourceManifest(
  context: NodeContext,
  source: SourceVersion | undefined,
): Promise<Manifest> {
  if (source === undefined)
    throw new Fault("INTERNAL", `no source was chosen for node ${context.node.name}`);
  return context.ports.control.manifest(context.task.incarnation, source.manifest);
}

/** The rows of the reader's table that one batch reads. */
export interface Share extends RowRange {
  readonly manifest: Manifest;
  readonly blocks: (columns: readonly string[]) => AsyncGenerator<TableBlock>;
}

export async function readerShare(context: NodeContext<TableReaderNode>): Promise<Share> {
  const { task, ports } = context;
  const { following = 0 } = ports;
  const manifest = await sourceManifest(context, task.verdict.reader);
  const range = rowShare(manifest.rows, task.unit, task.plan.batches);
  const blockBytes = blockBytesOf(ports.memory);
  const soon = rowShare(manifest.rows, task.unit + following, task.plan.batches).to;
  return {
    ...range,
    manifest,
    blocks: (columns) =>
      correctedBlocks(
        context,
        readTable(ports.tables, manifest, { ...range, soon, columns, blockBytes }),
      ),
  };
}

/** Rows of a table named by their visible position. */
export const tableRowNames = (node: string, table: string, from: number): RowNames => ({
  node,
  describe: (row) => ({
    text: `row ${from + row + 1} of table ${table}`,
    facts: { table, tableRow: from + row },
  }),
});
