import { Fault } from "#pkg/fault";
import type { Records, SourceBlock } from "#pkg/processor";
import { gatherColumn, type Vector } from "#pkg/rowset";
import type { CustomNode } from "#pkg/script";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { failureFault } from "./custom-failure.ts";
import { applyHaving, evaluateFields, toStorage, type RowNames, type Scope } from "./evaluate.ts";
import { readerShare, tableRowNames } from "./left-rows.ts";
import { columnsUsed, tableTypes } from "./node-code.ts";
import { TableWriter } from "./table-writer.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of custom nodes: the processor makes records from the rows of the batch, the writer's fields are computed from
 * both. Memory: a block of input rows, what the processor holds, one piece of records, the writer.
 */
export async function customRows(context: NodeContext<CustomNode>): Promise<UnitOutcome> {
  const { node, code, ports, script } = context;
  const share = await readerShare(context);
  await using processor = await ports.processors.open({
    node: node.name,
    pageRows: node.reader.rowsetSize,
    checkpoint: () => context.progress.advance(0),
    processor: node.processor,
    source: tableTypes(script, node.reader.table),
  });
  const used = columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );
  const columns = [...new Set([...processor.sourceFields, ...used])];
  const rows = new CustomRows(context);
  for await (const records of processor.process(rows.counted(share.blocks(columns))))
    await rows.take(records);
  return await rows.finish(share.to - share.from);
}

/** Rows on their way through a processor, and what became of them. */
class CustomRows {
  private readonly context: NodeContext<CustomNode>;
  private readonly writer: TableWriter;
  private read = 0;
  private candidates = 0;
  private refused = 0;
  /** Source rows that left a row in the table, and the last of them (position in the source table). */
  private alive = 0;
  private lastAlive = -1;

  constructor(context: NodeContext<CustomNode>) {
    this.context = context;
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
    const [failure] = records.failures;
    if (failure !== undefined) throw failureFault(node, records);
    const names = recordNames(node, records);
    const vectors = evaluateFields(code.fields, recordScope(records), records.count, names);
    const block = { rows: records.count, names };
    const kept = applyHaving(code.having, code.fields, vectors, block);
    this.candidates += records.count;
    this.refused += records.count - kept.rows;
    this.mark(records, kept.kept);
    await this.writer.append(toStorage(code.fields, kept, names));
  }

  async finish(expected: number): Promise<UnitOutcome> {
    const what = `node ${this.context.node.name}`;
    const { read, writer } = this;
    checkCounts(`${what}, source rows`, expected, [read]);
    checkCounts(what, this.candidates, [writer.rows, this.refused]);
    return {
      counts: { ...NO_ROWS, read, written: writer.rows, filtered: read - this.alive },
      ...(await writer.finish()),
    };
  }

  /** Records come in the order of their source rows, so a row is counted when it differs from the one before. */
  private mark({ block, rows, count }: Records, kept: Int32Array | undefined): void {
    const size = kept?.length ?? count;
    for (let at = 0; at < size; at += 1) {
      const record = kept === undefined ? at : (kept[at] as number);
      const row = block.from + (rows === undefined ? record : (rows[record] as number));
      if (row === this.lastAlive) continue;
      this.alive += 1;
      this.lastAlive = row;
    }
  }
}

/** r.* of the source row and p.* of each record; a column is gathered when it is first asked for. */
function recordScope({ block, rows, fields }: Records): Scope {
  const gathered = new Map<string, Vector>();
  const source = (name: string): Vector | undefined => {
    const column = block.rowset.columns.get(name);
    if (column === undefined || rows === undefined) return column;
    const vector = gathered.get(name) ?? gatherColumn(column, rows);
    gathered.set(name, vector);
    return vector;
  };
  return (prefix, name) => {
    const vector = prefix === "r" ? source(name) : fields.get(name);
    if (vector === undefined) throw new Fault("INTERNAL", `no column ${prefix}.${name}`);
    return vector;
  };
}

/** Names a record by its source row. */
function recordNames(node: CustomNode, { block, rows }: Records): RowNames {
  const names = tableRowNames(node.name, node.reader.table, block.from);
  return rows === undefined
    ? names
    : { ...names, describe: (record) => names.describe(rows[record] as number) };
}
