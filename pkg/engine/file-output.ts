import type { RowEncoder } from "#pkg/formats";
import type { Rowset } from "#pkg/rowset";
import type { TableFileNode } from "#pkg/script";
import type { TemporaryFile } from "#pkg/transfer";
import { outputUrl, type UnitOutcome } from "#pkg/workflow";
import { checkCounts, emptyOutcome } from "./accounting.ts";
import { applyHaving, evaluateFields, scopeOf, type KeptRows, type RowNames } from "./evaluate.ts";
import { readerShare, tableRowNames, type Share } from "./left-rows.ts";
import { columnsUsed } from "./node-code.ts";
import { outputEncoder } from "./output-encoder.ts";
import { TopRows } from "./top-rows.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of table_file: unit = batch = one file, written as a temporary object that is published once all batches are committed
 * (P9). Values are not normalised. An empty batch writes a file without rows. Memory: one block of rows; with `top` see TopRows.
 */
export async function fileOutput(context: NodeContext<TableFileNode>): Promise<UnitOutcome> {
  const { task, ports, node } = context;
  const share = await readerShare(context);
  const url = outputUrl(node.writer.urlTemplate, task.run, task.unit);
  const file = await ports.files.createTemporary(url, task.token);
  try {
    const writer = new FileRows(context, file, await outputEncoder(node.writer));
    await writer.header();
    await (node.writer.top === undefined
      ? writeAll(context, share, writer)
      : writeTop(context, share, writer));
    await writer.end();
    const output = await file.finish();
    const read = share.to - share.from;
    checkCounts(`node ${node.name}`, read, [writer.written, writer.filtered]);
    const counts = { read, written: writer.written, filtered: writer.filtered };
    return { ...emptyOutcome(counts), bytes: output.size, valueHash: output.sha256, output };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

class FileRows {
  private readonly context: NodeContext<TableFileNode>;
  private readonly file: TemporaryFile;
  private readonly encoder: RowEncoder;
  written = 0;
  filtered = 0;

  constructor(context: NodeContext<TableFileNode>, file: TemporaryFile, encoder: RowEncoder) {
    this.context = context;
    this.file = file;
    this.encoder = encoder;
  }

  async header(): Promise<void> {
    await this.file.write(this.encoder.header());
  }

  async end(): Promise<void> {
    await this.file.write(this.encoder.end());
  }

  /** Columns of a block and the rows that `having` keeps. */
  evaluate(rowset: Rowset, names: RowNames): KeptRows {
    const { fields, having } = this.context.code;
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
    const kept = writer.evaluate(
      rowset,
      tableRowNames(context.node.name, context.node.reader.table, from),
    );
    await writer.write(kept);
    writer.filtered += rowset.rows - kept.rows;
    context.progress.advance(rowset.rows);
  }
}

async function writeTop(
  context: NodeContext<TableFileNode>,
  share: Share,
  writer: FileRows,
): Promise<void> {
  const { table } = context.node.reader;
  const sorter = new TopRows(context, (rowset) =>
    writer.evaluate(rowset, tableRowNames(context.node.name, table, 0)),
  );
  let read = 0;
  for await (const { from, rowset } of share.blocks(sourceColumns(context))) {
    const kept = writer.evaluate(rowset, tableRowNames(context.node.name, table, from));
    await sorter.add(rowset, kept.kept);
    read += rowset.rows;
    context.progress.advance(rowset.rows);
  }
  for await (const rows of sorter.sorted()) {
    await writer.write(rows);
    context.progress.advance(0);
  }
  writer.filtered = read - writer.written;
}
