import { Fault, isFault } from "#pkg/fault";
import {
  encodeRejected,
  rejectedPiece,
  type RejectedRow,
  type SetAsideRow,
  type SourceDecisions,
} from "#pkg/table";
import {
  isOverRejectLimit,
  tooManyRejected,
  type RowSource,
  type UnitOutcome,
} from "#pkg/workflow";
import { PieceSink, placeOf } from "./piece-sink.ts";
import type { NodeContext } from "./types.ts";

const PIECE_ROWS = 1000;
/** Characters of what was read; rows of long texts make smaller pieces. */
const PIECE_LENGTH = 1024 * 1024;

/** Writes the rejected rows of one attempt, in row order, under its token. Memory: those of one block and of one piece. */
export class RejectedRows {
  private readonly context: NodeContext;
  private readonly sink: PieceSink;
  private pending: RejectedRow[] = [];
  private length = 0;
  private readonly pieces: number[] = [];
  private first: RejectedRow | undefined;
  private readonly decisionsAbout: (source: RowSource) => SourceDecisions;
  /** Rows so far, without the waived ones. */
  rejected = 0;
  waived = 0;

  constructor(context: NodeContext) {
    this.context = context;
    this.decisionsAbout = context.decided.inTurn();
    this.sink = new PieceSink(context.ports.tables, placeOf(context.task));
  }

  /** Throws REJECTED_LIMIT as soon as this batch alone has more than the node may have. */
  async add(rows: Iterable<SetAsideRow>): Promise<void> {
    const { node } = this.context;
    for (const setAside of rows) {
      const { input, file, line, reason, column, value, message, values } = setAside;
      const decisions = this.decisionsAbout({ node: node.name, input, file });
      if (!decisions.knows(line)) await decisions.learn(line);
      const isWaived = decisions.isWaived(line, reason);
      const row = { input, file, line, reason, column, value, message, values, isWaived };
      this.pending.push(row);
      this.length += lengthOf(row);
      this.first ??= row;
      if (row.isWaived) this.waived += 1;
      else this.rejected += 1;
      if (this.pending.length >= PIECE_ROWS || this.length >= PIECE_LENGTH) await this.write();
      if (isOverRejectLimit(node, this.rejected)) throw tooManyRejected(node, placeIn(this.first));
    }
  }

  /** Rows of each piece. */
  async finish(): Promise<readonly number[]> {
    if (this.pending.length > 0) await this.write();
    await this.sink.end();
    return this.pieces;
  }

  get bytes(): number {
    return this.sink.bytes;
  }

  private async write(): Promise<void> {
    const rows = this.pending;
    this.pending = [];
    this.length = 0;
    const seq = this.pieces.push(rows.length) - 1;
    await this.sink.put(rejectedPiece(seq), encodeRejected(rows));
  }
}

function lengthOf({ value, values }: RejectedRow): number {
  let length = value.length;
  for (const name in values) length += (values[name] as string).length;
  return length;
}

const placeIn = ({ file, line, column, message }: RejectedRow): string =>
  `${file} line ${line}${column === "" ? "" : `, column ${column}`}: ${message}`;

/** Runs a unit whose node may reject rows; what it rejected becomes part of its outcome, or of the fault that says too many. */
export async function withRejectedRows(
  context: NodeContext,
  work: (rejected: RejectedRows) => Promise<UnitOutcome>,
): Promise<UnitOutcome> {
  const rejected = new RejectedRows(context);
  try {
    const outcome = await work(rejected);
    const rejects = await rejected.finish();
    return rejects.length === 0
      ? outcome
      : { ...outcome, rejects, bytes: outcome.bytes + rejected.bytes };
  } catch (error) {
    if (!isFault(error) || error.code !== "REJECTED_LIMIT") throw error;
    const rejects = await rejected.finish();
    throw new Fault(error.code, error.message, { facts: { ...error.facts, rejects } });
  }
}

/** Counts of an outcome that concern rejected rows. */
export const rejectedCounts = ({
  rejected,
  waived,
}: RejectedRows): { readonly rejected: number; readonly waived?: number } =>
  waived === 0 ? { rejected } : { rejected, waived };

/** A row for which an expression failed. */
export function rejectedByExpression(
  fault: Fault,
  row: Pick<RejectedRow, "input" | "file" | "line" | "values">,
): SetAsideRow {
  const { field } = fault.facts;
  const values = Object.entries((fault.facts["values"] ?? {}) as Record<string, string>);
  const [only] = values;
  const value =
    only !== undefined && values.length === 1
      ? only[1]
      : values.map(([name, text]) => `${name} = ${text}`).join(", ");
  return {
    column: typeof field === "string" ? field : "",
    value,
    reason: fault.code,
    message: isFault(fault.cause) ? fault.cause.message : fault.message,
    ...row,
  };
}
