import { Fault } from "#pkg/fault";
import type { RowDecision, RunRecord } from "#pkg/workflow";
import { DecisionWriter } from "./decision-writer.ts";
import type { OperatorPorts } from "./ports.ts";
import { matchEdits, type EditedRow, type Match } from "./match-edits.ts";
import { listRejected, type RejectedRequest, type UndecidedRow } from "./rejected.ts";
import { RowBits } from "./row-bits.ts";
import { sourceCells, type SourceCells } from "./source-cells.ts";
import { recordRowDecision, type Decider } from "./row-decisions.ts";

export interface Corrected {
  readonly run: RunRecord;
  readonly corrected: number;
  readonly waived: number;
  /** Lines that change nothing. */
  readonly unchanged: number;
}

type Where = Pick<RejectedRequest, "keyspace" | "run">;

/**
 * Records what an edited export of rejected rows says as one decision; nothing at all when a line is wrong. Throws
 * CORRECTION_MISSING for rows that the run did not reject, CORRECTION_INVALID for texts that the column does not take or for lines
 * that contradict each other. Memory: one window of lines, one page of decisions and one bit a rejected row.
 */
export async function correctRows(
  ports: OperatorPorts,
  where: Where,
  edited: AsyncIterable<Iterable<EditedRow>>,
  decider: Decider,
): Promise<Corrected> {
  const { run, script, undecided } = await listRejected(ports, where);
  const writer = new DecisionWriter(ports.store);
  const problems = new Problems();
  const upload = new Upload(sourceCells(script), problems);
  let lines = 0;
  for await (const window of matchEdits(undecided, edited, {
    take: (match) => upload.take(match),
  })) {
    refuseMissing(run, window.missing);
    lines += window.lines;
    const decided = upload.next();
    if (!problems.isAny)
      for (const { row, decision } of decided) await writer.row(row, row.line, decision);
  }
  problems.refuse();
  await recordRowDecision(ports, run, writer, decider);
  const { corrected, waived } = writer;
  return { run, corrected, waived, unchanged: lines - upload.changed };
}

const NAMED = 10;

function refuseMissing(run: RunRecord, missing: readonly EditedRow[]): void {
  if (missing.length === 0) return;
  const list = missing
    .slice(0, NAMED)
    .map(({ at, node, file, line }) => `line ${at}: node ${node}, ${file} line ${line}`);
  const more = missing.length > NAMED ? `; and ${missing.length - NAMED} more` : "";
  throw new Fault(
    "CORRECTION_MISSING",
    `run ${run.run} of keyspace ${run.keyspace} has not rejected these rows: ${list.join("; ")}${more}`,
    {
      facts: { run: run.run, missing: missing.map(({ at }) => at) },
      hint: "Export the rejected rows of this run again; nothing of the file was recorded.",
    },
  );
}

/** What is wrong with lines: the first ones, and how many. */
class Problems {
  private readonly first: string[] = [];
  private count = 0;

  get isAny(): boolean {
    return this.count > 0;
  }

  add(problem: string): void {
    this.count += 1;
    if (this.first.length < NAMED) this.first.push(problem);
  }

  refuse(): void {
    if (this.count === 0) return;
    const more = this.count > NAMED ? `; and ${this.count - NAMED} more` : "";
    throw new Fault("CORRECTION_INVALID", `${this.first.join("; ")}${more}`, {
      facts: { problems: this.first },
    });
  }
}

interface Decided {
  readonly row: UndecidedRow;
  readonly ordinal: number;
  readonly decision: RowDecision;
}

/** Compares edited lines with what was rejected and collects what they decide, window by window. */
class Upload {
  private readonly cells: SourceCells;
  private readonly problems: Problems;
  /** Rows about which the windows before decide. */
  private readonly before = new RowBits();
  private decided: Decided[] = [];
  /** Lines that decide something. */
  changed = 0;

  constructor(cells: SourceCells, problems: Problems) {
    this.cells = cells;
    this.problems = problems;
  }

  /** Ends the window. */
  next(): readonly Decided[] {
    const { decided } = this;
    for (const { ordinal } of decided) this.before.add(ordinal);
    this.decided = [];
    return decided;
  }

  take({ row, ordinal, edits }: Match): void {
    let decision: RowDecision | undefined;
    for (const edit of edits) {
      const next = this.line(row, edit);
      if (next === undefined) continue;
      this.changed += 1;
      if (this.before.has(ordinal))
        this.problems.add(`line ${edit.at}: decides about the same row as a line far above`);
      else if (decision !== undefined && JSON.stringify(decision) !== JSON.stringify(next))
        this.problems.add(
          `line ${edit.at}: decides about the same row as an earlier line, differently`,
        );
      decision = next;
    }
    if (decision !== undefined) this.decided.push({ row, ordinal, decision });
  }

  /** What a line decides; undefined: nothing. */
  private line(row: UndecidedRow, edit: EditedRow): RowDecision | undefined {
    const changes = this.changes(row, edit);
    const decision = edit.decision.trim().toLowerCase();
    if (decision === "waive") return "waived";
    if (Object.keys(changes).length === 0 && decision !== "correct") return undefined;
    for (const [name, text] of Object.entries({ ...row.values, ...changes })) {
      const problem = this.cells.problem(row.node, name, text);
      if (problem !== undefined) this.problems.add(`line ${edit.at}, r.${name}: ${problem}`);
    }
    return decision === "correct" ? { ...row.values, ...changes } : changes;
  }

  /** New texts; an empty one for what the node did not read says nothing, because the columns of all nodes stand in one export. */
  private changes(row: UndecidedRow, edit: EditedRow): Readonly<Record<string, string>> {
    const changes: Record<string, string> = {};
    for (const [name, text] of Object.entries(edit.values)) {
      if (text === (row.values[name] ?? "")) continue;
      const isRead = Object.hasOwn(row.values, name) || this.cells.mayBeRead(row.node, name);
      if (isRead) changes[name] = text;
      else
        this.problems.add(
          `line ${edit.at}, r.${name}: node "${row.node}" does not read it, so that no text changes anything`,
        );
    }
    return changes;
  }
}
