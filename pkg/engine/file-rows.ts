import { Fault } from "#pkg/fault";
import type { BadRecord, BadRecords } from "#pkg/formats";
import type { FileTableNode } from "#pkg/script";
import type { SetAsideRow } from "#pkg/table";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { correctedColumns } from "./apply-corrections.ts";
import { committedUnits } from "./committed.ts";
import { CorrectedLines } from "./corrected-lines.ts";
import { inputHash, withInput } from "./file-input.ts";
import { rangeOfUnit } from "./file-split.ts";
import { inputBlocks, type InputBlock, type InputRange } from "./input-blocks.ts";
import type { BadRows } from "./readable-rows.ts";
import { rejectedByExpression, withRejectedRows, type RejectedRows } from "./rejected-rows.ts";
import { evaluateParts, type EvaluatedPart } from "./surviving-rows.ts";
import { tableOutcome } from "./table-outcome.ts";
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
      const source = { input: inputHash(context, file), file: url };
      const firstLine = firstLineOf(range);
      const decisions = { ...source, node: context.node.name };
      const corrections = new CorrectedLines(context.decided, decisions, firstLine ?? 1);
      const rows = new FileRows(context, source, { rejected, corrections });
      const { node } = context;
      const badRecords = node.rejects?.records === true ? { badRecords: rows.badRecords } : {};
      for await (const block of inputBlocks({ node, open, url, ...badRecords }, range))
        await rows.block(block);
      if (firstLine === undefined) await corrections.end();
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

type FileSource = Pick<SetAsideRow, "input" | "file">;

class FileRows {
  private readonly context: NodeContext<FileTableNode>;
  private readonly source: FileSource;
  private readonly rejected: RejectedRows;
  private readonly writer: TableWriter;
  /** Records that the reader left out since the last block. */
  private bad: SetAsideRow[] = [];
  private readonly corrections: CorrectedLines;
  private read = 0;
  private filtered = 0;

  constructor(
    context: NodeContext<FileTableNode>,
    source: FileSource,
    rows: { readonly rejected: RejectedRows; readonly corrections: CorrectedLines },
  ) {
    this.context = context;
    this.source = source;
    this.rejected = rows.rejected;
    this.corrections = rows.corrections;
    this.writer = new TableWriter(context, context.node.writer.indexes);
  }

  readonly badRecords: BadRecords & BadRows = {
    knows: (line) => this.corrections.knows(line),
    learn: (line) => this.corrections.learn(line),
    corrected: ({ line, cells }) => {
      const texts = this.corrections.take(line);
      return texts && new Map([...cells, ...Object.entries(texts)]);
    },
    correctedTexts: (line) => this.corrections.texts(line),
    reject: (record) => {
      this.corrections.take(record.line);
      this.bad.push(rejectedRecord(this.source, record));
    },
  };

  async block(read: InputBlock): Promise<void> {
    const { node, code, progress } = this.context;
    const block = await this.corrected(read);
    const rejects = node.rejects?.rows === true;
    for (const part of evaluateParts(code, block, rejects)) {
      await this.writer.append(part.result);
      this.filtered += part.rows - part.failed.length - part.result.rows;
      const end = part.from + part.rows;
      const line = end < block.rows ? block.lineOf(end) : Number.POSITIVE_INFINITY;
      await this.rejectUpTo(line, this.failedOf(part, block));
    }
    this.read += block.rows;
    progress.advance(block.rows);
  }

  private failedOf({ failed, from }: EvaluatedPart, block: InputBlock): readonly SetAsideRow[] {
    return failed.map(({ row, fault }) =>
      rejectedByExpression(fault, {
        line: block.lineOf(from + row),
        values: textsOfRow(this.context.node.reader.columns, block.columns, from + row),
        ...this.source,
      }),
    );
  }

  /** Sets rows aside whose expressions failed, in line order with the records before the line that could not be read. */
  private async rejectUpTo(line: number, failed: readonly SetAsideRow[]): Promise<void> {
    const later = this.bad.findIndex((row) => row.line >= line);
    const bad = this.bad.splice(0, later < 0 ? this.bad.length : later);
    this.read += bad.length;
    const inOrder = bad.length === 0 ? failed : [...bad, ...failed].toSorted(byLine);
    await this.rejected.add(inOrder);
    this.context.progress.advance(bad.length);
  }

  /** The block with corrected values in the rows that people corrected. */
  private async corrected(block: InputBlock): Promise<InputBlock> {
    const corrections = await this.corrections.ofBlock(block);
    const types = this.context.node.reader.columns;
    const columns = correctedColumns(block.columns, block.rows, corrections, types);
    return { ...block, columns };
  }

  async finish(): Promise<UnitOutcome> {
    const { read, filtered, writer, rejected, corrections } = this;
    const corrected = corrections.applied;
    checkCounts(`node ${this.context.node.name}`, read, [
      writer.rows,
      filtered,
      rejected.rejected,
      rejected.waived,
    ]);
    return tableOutcome(writer, rejected, {
      read,
      filtered,
      ...(corrected > 0 ? { corrected } : {}),
    });
  }
}

/** Undefined when the unit reads all of the file. */
function firstLineOf(range: InputRange | undefined): number | undefined {
  if (range === undefined || "whole" in range) return undefined;
  return "line" in range ? range.line : range.row + 1;
}

const byLine = (a: SetAsideRow, b: SetAsideRow): number => a.line - b.line;

/** A record that could not be read; the whole of it is the value when it has too few or too many cells. */
function rejectedRecord(
  source: FileSource,
  { line, fault, cells, record }: BadRecord,
): SetAsideRow {
  const column = fault.facts["column"];
  const name = typeof column === "string" ? column : "";
  const { problem } = fault.facts;
  return {
    line,
    column: name,
    value: record ?? cells.get(name) ?? "",
    reason: fault.code,
    message: typeof problem === "string" ? problem : fault.message,
    values: Object.fromEntries(cells),
    ...source,
  };
}
