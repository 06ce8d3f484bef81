import { packedOutput, type RowEncoder } from "#pkg/formats";
import type { Rowset } from "#pkg/rowset";
import type { TableFileNode } from "#pkg/script";
import { shownUrl, type TemporaryFile } from "#pkg/transfer";
import { outputUrl, type UnitOutcome } from "#pkg/workflow";
import { checkCounts, emptyOutcome } from "./accounting.ts";
import { correctedRows } from "./apply-corrections.ts";
import { applyHaving, evaluateFields, scopeOf, type KeptRows } from "./evaluate.ts";
import { readerShare, tableRowNames, type Share } from "./left-rows.ts";
import { columnsUsed } from "./node-code.ts";
import { outputEncoder } from "./output-encoder.ts";
import { rejectedCounts, withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { rejectedTableRows } from "./rejected-table-rows.ts";
import { evaluateBlock } from "./surviving-rows.ts";
import { TopRows } from "./top-rows.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of table_file: unit = batch = one file, written as a temporary object that is published once all batches are committed
 * (P9). Values are not normalised. An empty batch writes a file without rows. Memory: one block of rows; with `top` see TopRows.
 */
export const fileOutput = (context: NodeContext<TableFileNode>): Promise<UnitOutcome> =>
  withRejectedRows(context, (rejected) => writeFile(context, rejected));

async function writeFile(
  context: NodeContext<TableFileNode>,
  rejected: RejectedRows,
): Promise<UnitOutcome> {
  const { task, ports, node } = context;
  const share = await readerShare(context);
  const url = outputUrl(node.writer.urlTemplate, task.run, task.unit);
  const place = { url: shownUrl(url), node: node.name };
  const target = await ports.files.createTemporary(url, task.token);
  const file = packedOutput(target, node.writer, place);
  try {
    const encoder = await outputEncoder(node.writer);
    const writer = new FileRows(context, { file, encoder, rejected });
    await writer.header();
    await (node.writer.top === undefined
      ? writeAll(context, share, writer)
      : writeTop(context, share, writer));
    await writer.end();
    const output = await file.finish();
    const read = share.to - share.from;
    const { written, filtered } = writer;
    checkCounts(`node ${node.name}`, read, [written, filtered, rejected.rejected, rejected.waived]);
    const corrected = await correctedRows(context, share);
    const counts = { read, written, filtered, ...rejectedCounts(rejected), ...corrected };
    return { ...emptyOutcome(counts), bytes: output.size, valueHash: output.sha256, output };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

interface EvaluatedRows {
  readonly rows: KeptRows;
  /** Positions in the block; undefined: all rows. */
  readonly kept: Int32Array | undefined;
  readonly failed: number;
}

interface FileRowsPorts {
  readonly file: TemporaryFile;
  readonly encoder: RowEncoder;
  readonly rejected: RejectedRows;
}

class FileRows {
  private readonly context: NodeContext<TableFileNode>;
  private readonly file: TemporaryFile;
  private readonly encoder: RowEncoder;
  private readonly rejected: RejectedRows;
  written = 0;
  filtered = 0;

  constructor(context: NodeContext<TableFileNode>, ports: FileRowsPorts) {
    this.context = context;
    this.file = ports.file;
    this.encoder = ports.encoder;
    this.rejected = ports.rejected;
  }

  async header(): Promise<void> {
    await this.file.write(this.encoder.header());
  }

  async end(): Promise<void> {
    await this.file.write(this.encoder.end());
  }

  /** Columns of a block and the rows that `having` keeps; rows that fail are rejected. `from`: position of the first row. */
  async evaluate(rowset: Rowset, from: number): Promise<EvaluatedRows> {
    const { context } = this;
    const names = tableRowNames(context.node.name, context.node.reader.table, from);
    const { result, kept, failed } = evaluateBlock(
      context.code,
      { ...rowset, names },
      { rejects: context.node.rejects?.rows === true, finish: (rows) => rows },
    );
    await this.rejected.add(rejectedTableRows(context, rowset, failed, (row) => from + row));
    return { rows: result, kept, failed: failed.length };
  }

  /** Rows that were evaluated before, and kept. */
  evaluateAgain(rowset: Rowset): KeptRows {
    const { fields, having } = this.context.code;
    const names = tableRowNames(this.context.node.name, this.context.node.reader.table, 0);
    const vectors = evaluateFields(fields, scopeOf("r", rowset.columns), rowset.rows, names);
    return applyHaving(having, fields, vectors, { rows: rowset.rows, names });
  }

  async write({ vectors, rows }: KeptRows): Promise<void> {
    if (rows === 0) return;
    await this.file.write(this.encoder.rows(vectors, rows));
    this.written += rows;
  }
}

const sourceColumns = ({ code }: NodeContext): readonly string[] =>
  columnsUsed(
    code.fields.map((field) => field.expression),
    "r",
  );

async function writeAll(
  context: NodeContext<TableFileNode>,
  share: Share,
  writer: FileRows,
): Promise<void> {
  for await (const { from, rowset } of share.blocks(sourceColumns(context))) {
    const { rows, failed } = await writer.evaluate(rowset, from);
    await writer.write(rows);
    writer.filtered += rowset.rows - failed - rows.rows;
    context.progress.advance(rowset.rows);
  }
}

async function writeTop(
  context: NodeContext<TableFileNode>,
  share: Share,
  writer: FileRows,
): Promise<void> {
  const sorter = new TopRows(context, (rowset) => writer.evaluateAgain(rowset));
  let read = 0;
  for await (const { from, rowset } of share.blocks(sourceColumns(context))) {
    const { kept, failed } = await writer.evaluate(rowset, from);
    await sorter.add(rowset, kept);
    read += rowset.rows - failed;
    context.progress.advance(rowset.rows);
  }
  for await (const rows of sorter.sorted()) {
    await writer.write(rows);
    context.progress.advance(0);
  }
  writer.filtered = read - writer.written;
}
