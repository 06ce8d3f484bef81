import type { Records, SourceBlock } from "#pkg/processor";
import type { CustomNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { correctedRows } from "./apply-corrections.ts";
import { failedSourceRows, failureFault } from "./custom-failure.ts";
import { toStorage } from "./evaluate.ts";
import { readerShare, type Share } from "./left-rows.ts";
import { columnsUsed, tableTypes } from "./node-code.ts";
import { recordRows } from "./record-rows.ts";
import { withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { rejectedTableRows } from "./rejected-table-rows.ts";
import { evaluateRows } from "./surviving-rows.ts";
import { tableOutcome } from "./table-outcome.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of custom nodes: the processor makes records from the rows of the batch, the writer's fields are computed from
 * both. What is rejected is a source row that the processor cannot process, or a record for which an expression fails. Memory: a
 * block of input rows, what the processor holds, one piece of records, the writer.
 */
export const customRows = (context: NodeContext<CustomNode>): Promise<UnitOutcome> =>
  withRejectedRows(context, (rejected) => processShare(context, rejected));

async function processShare(
  context: NodeContext<CustomNode>,
  rejected: RejectedRows,
): Promise<UnitOutcome> {
  const { node, code, ports, script } = context;
  const share = await readerShare(context);
  await using processor = await ports.processors.open({
    node: node.name,
    pageRows: node.reader.rowsetSize,
    rejects: node.rejects?.rows === true,
    checkpoint: () => context.progress.advance(0),
    processor: node.processor,
    source: tableTypes(script, node.reader.table),
  });
  const used = columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );
  const columns = [...new Set([...processor.sourceFields, ...used])];
  const rows = new CustomRows(context, rejected);
  for await (const records of processor.process(rows.counted(share.blocks(columns))))
    await rows.take(records);
  return await rows.finish(share);
}

/** Rows on their way through a processor, and what became of them. */
class CustomRows {
  private readonly context: NodeContext<CustomNode>;
  private readonly rejected: RejectedRows;
  private readonly writer: TableWriter;
  private read = 0;
  private candidates = 0;
  private refused = 0;
  /** Source rows that left a row in the table or a rejected one, and the last of them with records (position in the source table). */
  private alive = 0;
  private lastAlive = -1;

  constructor(context: NodeContext<CustomNode>, rejected: RejectedRows) {
    this.context = context;
    this.rejected = rejected;
    this.writer = new TableWriter(context, context.node.writer.indexes);
  }

  async *counted(blocks: AsyncIterable<SourceBlock>): AsyncGenerator<SourceBlock> {
    for await (const block of blocks) {
      this.read += block.rowset.rows;
      yield block;
      this.context.progress.advance(block.rowset.rows);
    }
  }

  async take(records: Records): Promise<void> {
    const { node, code } = this.context;
    const rejects = node.rejects?.rows === true;
    if (records.failures.length > 0 && !rejects) throw failureFault(node, records);
    const { result, kept, failed } = evaluateRows(code, recordRows(node, records), {
      rejects,
      finish: (rows, names) => toStorage(code.fields, rows, names),
    });
    this.candidates += records.count + records.failures.length;
    this.refused += records.count - failed.length - result.rows;
    // Rows that the processor could not process have no records, so no row is counted twice.
    this.alive += records.failures.length;
    this.mark(records, kept, new Set(failed.map(({ row }) => row)));
    await this.writer.append(result);
    const { block, rows } = records;
    const bad = [
      ...failedSourceRows(node, records),
      ...failed.map(({ row, fault }) => ({ row: rows?.[row] ?? row, fault })),
    ].toSorted((a, b) => a.row - b.row);
    const number = (row: number): number => block.from + row;
    await this.rejected.add(rejectedTableRows(this.context, block.rowset, bad, number));
  }

  async finish(share: Share): Promise<UnitOutcome> {
    const what = `node ${this.context.node.name}`;
    const { read, writer, rejected } = this;
    checkCounts(`${what}, source rows`, share.to - share.from, [read]);
    const parts = [writer.rows, this.refused, rejected.rejected, rejected.waived];
    checkCounts(what, this.candidates, parts);
    const filtered = read - this.alive;
    return tableOutcome(writer, rejected, {
      read,
      filtered,
      ...(await correctedRows(this.context, share)),
    });
  }

  /** Records come in the order of their source rows, so a row is counted when it differs from the one before. */
  private mark(
    { block, rows, count }: Records,
    kept: Int32Array | undefined,
    failed: ReadonlySet<number>,
  ): void {
    let next = 0;
    for (let record = 0; record < count; record += 1) {
      const isKept = kept === undefined || kept[next] === record;
      if (isKept) next += 1;
      if (!isKept && !failed.has(record)) continue;
      const row = block.from + (rows === undefined ? record : (rows[record] as number));
      if (row === this.lastAlive) continue;
      this.alive += 1;
      this.lastAlive = row;
    }
  }
}
