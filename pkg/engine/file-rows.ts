import { Fault } from "#pkg/fault";
import type { BadRecord, BadRecords } from "#pkg/formats";
import type { FileTableNode } from "#pkg/script";
import type { RejectedRow } from "#pkg/table";
import { correctionsOf, type SourceCorrections, type UnitOutcome } from "#pkg/workflow";
import { checkCounts } from "./accounting.ts";
import { correctedColumns, type RowCorrection } from "./apply-corrections.ts";
import { committedUnits } from "./committed.ts";
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
      const rows = new FileRows(context, { input: inputHash(context, file), file: url }, rejected);
      const { node } = context;
      const badRecords = node.rejects?.records === true ? { badRecords: rows.badRecords } : {};
      for await (const block of inputBlocks({ node, open, url, ...badRecords }, range))
        await rows.block(block);
      return rows.finish(firstLineOf(range));
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
  private readonly corrections: SourceCorrections;
  /** Lines of corrected records so far. */
  private readonly applied = new Set<number>();
  /** Line behind the last block. */
  private nextLine = 1;
  private read = 0;
  private filtered = 0;

  constructor(context: NodeContext<FileTableNode>, source: FileSource, rejected: RejectedRows) {
    this.context = context;
    this.source = source;
    this.rejected = rejected;
    this.corrections = correctionsOf(context.corrections, { ...source, node: context.node.name });
    this.writer = new TableWriter(context, context.node.writer.indexes);
  }

  readonly badRecords: BadRecords & BadRows = {
    corrected: ({ line, cells }) => {
      const values = this.corrections.corrected.get(line);
      if (values === undefined) return undefined;
      this.applied.add(line);
      return new Map([...cells, ...Object.entries(values)]);
    },
    correctedTexts: (line) => this.corrections.corrected.get(line),
    reject: (record) => {
      // A correction that leaves another cell as bad as it was has been applied.
      if (this.corrections.corrected.has(record.line)) this.applied.add(record.line);
      this.bad.push(record);
    },
  };

  async block(read: InputBlock): Promise<void> {
    const { node, code, progress } = this.context;
    const block = this.corrected(read);
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

  private failedOf({ failed, from }: EvaluatedPart, block: InputBlock): readonly RejectedRow[] {
    return failed.map(({ row, fault }) => {
      const line = block.lineOf(from + row);
      return rejectedByExpression(fault, {
        ...this.source,
        line,
        isWaived: this.corrections.isWaived(line, fault.code),
        values: textsOfRow(this.context.node.reader.columns, block.columns, from + row),
      });
    });
  }

  /** Sets rows aside whose expressions failed, in line order with the records before the line that could not be read. */
  private async rejectUpTo(line: number, failed: readonly RejectedRow[]): Promise<void> {
    const later = this.bad.findIndex((record) => record.line >= line);
    const records = this.bad.splice(0, later < 0 ? this.bad.length : later);
    const bad = records.map((record) =>
      rejectedRecord(
        this.source,
        record,
        this.corrections.isWaived(record.line, record.fault.code),
      ),
    );
    this.read += bad.length;
    const inOrder = bad.length === 0 ? failed : [...bad, ...failed].toSorted(byLine);
    await this.rejected.add(inOrder);
    this.context.progress.advance(bad.length);
  }

  /** The block with corrected values in the rows that people corrected. */
  private corrected(block: InputBlock): InputBlock {
    this.nextLine = block.lineOf(block.rows);
    const concerned: RowCorrection[] = [];
    for (const [line, values] of this.corrections.corrected) {
      const row = this.applied.has(line) ? undefined : rowAt(block, line);
      if (row === undefined) continue;
      this.applied.add(line);
      concerned.push({ row, values });
    }
    const types = this.context.node.reader.columns;
    const columns = correctedColumns(block.columns, block.rows, concerned, types);
    return { ...block, columns };
  }

  /** `firstLine`: where the range began; undefined when all of the file was read. */
  private requireAllApplied(firstLine: number | undefined): void {
    for (const line of this.corrections.corrected.keys()) {
      const isElsewhere = firstLine !== undefined && (line < firstLine || line >= this.nextLine);
      if (isElsewhere || this.applied.has(line)) continue;
      const { file } = this.source;
      throw new Fault("CORRECTION_MISSING", `${file} line ${line}: no record begins there`, {
        facts: { node: this.context.node.name, file, line },
      });
    }
  }

  async finish(firstLine: number | undefined): Promise<UnitOutcome> {
    this.requireAllApplied(firstLine);
    const { read, filtered, writer, rejected } = this;
    const corrected = this.applied.size;
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

/** The row of a block that begins on a line. */
function rowAt(block: InputBlock, line: number): number | undefined {
  let [low, high] = [0, block.rows];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.lineOf(middle) < line) low = middle + 1;
    else high = middle;
  }
  return low < block.rows && block.lineOf(low) === line ? low : undefined;
}

const byLine = (a: RejectedRow, b: RejectedRow): number => a.line - b.line;

/** A record that could not be read; the whole of it is the value when it has too few or too many cells. */
function rejectedRecord(
  source: FileSource,
  { line, fault, cells, record }: BadRecord,
  isWaived: boolean,
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
    isWaived,
  };
}
