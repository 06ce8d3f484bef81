import { Fault } from "#pkg/fault";
import type { BadRecord, BadRecords } from "#pkg/formats";
import type { FileTableNode } from "#pkg/script";
import type { RejectedRow } from "#pkg/table";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, NO_ROWS } from "./accounting.ts";
import { committedUnits } from "./committed.ts";
import { inputHash, withInput } from "./file-input.ts";
import { rangeOfUnit } from "./file-split.ts";
import { inputBlocks, type InputBlock, type InputRange } from "./input-blocks.ts";
import {
  rejectedByExpression,
  rejectedCounts,
  withRejectedRows,
  type RejectedRows,
} from "./rejected-rows.ts";
import { evaluateStored } from "./surviving-rows.ts";
import { TableWriter } from "./table-writer.ts";
import { textsOfRow } from "./texts-of-row.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase rows of file_table: unit = file, or range over all files when the node was split. Memory: one block of records with those
 * that are rejected, and the writer; nothing spills.
 */
export function fileRows(context: NodeContext<FileTableNode>): Promise<UnitOutcome> {
  return withRejectedRows(context, async (rejected) => {
    const { file, range } = await sourceOf(context);
    return withInput(context, file, async (open, url) => {
      const rows = new FileRows(context, { input: inputHash(context, file), file: url }, rejected);
      const { node } = context;
      const badRecords = node.rejects?.records === true ? { badRecords: rows.badRecords } : {};
      for await (const block of inputBlocks({ node, open, url, ...badRecords }, range))
        await rows.block(block);
      return rows.finish();
    });
  });
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

type FileSource = Pick<RejectedRow, "input" | "file">;

class FileRows {
  private readonly context: NodeContext<FileTableNode>;
  private readonly source: FileSource;
  private readonly rejected: RejectedRows;
  private readonly writer: TableWriter;
  /** Records that the reader left out since the last block. */
  private bad: BadRecord[] = [];
  private read = 0;
  private filtered = 0;

  constructor(context: NodeContext<FileTableNode>, source: FileSource, rejected: RejectedRows) {
    this.context = context;
    this.source = source;
    this.rejected = rejected;
    this.writer = new TableWriter(context, context.node.writer.indexes);
  }

  readonly badRecords: BadRecords = {
    corrected: () => undefined,
    reject: (record) => void this.bad.push(record),
  };

  async block(block: InputBlock): Promise<void> {
    const { context } = this;
    const evaluated = evaluateStored(context.code, block, context.node.rejects?.rows === true);
    await this.writer.append(evaluated.result);
    const failed = evaluated.failed.map(({ row, fault }) =>
      rejectedByExpression(fault, {
        ...this.source,
        line: block.lineOf(row),
        values: textsOfRow(context.node.reader.columns, block.columns, row),
      }),
    );
    const bad = this.bad.map((record) => rejectedRecord(this.source, record));
    this.bad = [];
    this.read += block.rows + bad.length;
    this.filtered += block.rows - failed.length - evaluated.result.rows;
    const inOrder = bad.length === 0 ? failed : [...bad, ...failed].toSorted(byLine);
    await this.rejected.add(inOrder);
    context.progress.advance(block.rows + bad.length);
  }

  async finish(): Promise<UnitOutcome> {
    const { read, filtered, writer, rejected } = this;
    checkCounts(`node ${this.context.node.name}`, read, [
      writer.rows,
      filtered,
      rejected.rejected,
      rejected.waived,
    ]);
    return {
      counts: { ...NO_ROWS, read, written: writer.rows, filtered, ...rejectedCounts(rejected) },
      ...(await writer.finish()),
    };
  }
}

const byLine = (a: RejectedRow, b: RejectedRow): number => a.line - b.line;

/** A record that could not be read; the whole of it is the value when it has too few or too many cells. */
function rejectedRecord(
  source: FileSource,
  { line, fault, cells, record }: BadRecord,
): RejectedRow {
  const column = fault.facts["column"];
  const name = typeof column === "string" ? column : "";
  const { problem } = fault.facts;
  return {
    ...source,
    line,
    column: name,
    value: record ?? cells.get(name) ?? "",
    reason: fault.code,
    message: typeof problem === "string" ? problem : fault.message,
    values: Object.fromEntries(cells),
    isWaived: false,
  };
}
