import { Fault } from "#pkg/fault";
import type { CorrectedRow, Corrections, RunRecord, WaivedRows } from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";
import { keyOf, matchEdits, type Match } from "./match-edits.ts";
import { listRejected, type RejectedRequest, type UndecidedRow } from "./rejected.ts";
import { RowBits } from "./row-bits.ts";
import { sourceCells, type SourceCells } from "./source-cells.ts";
import { recordRowDecision, type Decider } from "./row-decisions.ts";

/** One edited line of an export of rejected rows. */
export interface EditedRow {
  /** Line of the edited file, for messages. */
  readonly at: number;
  readonly node: string;
  readonly input: string;
  readonly file: string;
  readonly line: number;
  /** `waive` leaves the row out for good, `correct` takes it as it stands in the file now. */
  readonly decision: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface Corrected {
  readonly run: RunRecord;
  readonly corrected: number;
  readonly waived: number;
  /** Lines that change nothing. */
  readonly unchanged: number;
}

type Where = Pick<RejectedRequest, "keyspace" | "run">;

/**
 * Records what an edited export of rejected rows says; nothing at all when a line is wrong. `edited` gives its lines as often as it is
 * asked: they are checked first, and a long file is recorded window by window then, one decision each. Throws CORRECTION_MISSING for
 * rows that the run did not reject, CORRECTION_INVALID for texts that the column does not take or for lines that contradict each
 * other. Memory: one window of lines and one bit a rejected row.
 */
export async function correctRows(
  ports: OperatorPorts,
  where: Where,
  edited: () => AsyncIterable<EditedRow>,
  decider: Decider,
): Promise<Corrected> {
  const { run, script, undecided } = await listRejected(ports, where);
  const problems = new Problems();
  const done = { corrected: 0, waived: 0, unchanged: 0 };
  let unchanged = 0;
  const windows = async function* windows(): AsyncGenerator<Corrections> {
    const upload = new Upload(sourceCells(script), problems);
    const take = (match: Match): void => upload.take(match);
    for await (const { lines, missing } of matchEdits(undecided, edited(), { take })) {
      refuseMissing(run, missing);
      unchanged += lines - upload.changed;
      yield upload.next();
    }
  };
  let [only, count]: [Corrections | undefined, number] = [undefined, 0];
  for await (const corrections of windows()) {
    count += 1;
    only = count === 1 ? corrections : undefined;
    done.corrected += corrections.corrected.length;
    done.waived += corrections.waived.length;
  }
  done.unchanged = unchanged;
  problems.refuse();
  for await (const corrections of only === undefined ? windows() : [only]) {
    problems.refuse();
    if (corrections.corrected.length + corrections.waived.length > 0)
      await recordRowDecision(ports, run, corrections, decider);
  }
  return { run, ...done };
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

/** Compares edited lines with what was rejected and collects what they decide, window by window. */
class Upload {
  private readonly cells: SourceCells;
  private readonly problems: Problems;
  /** Rows about which the windows before decide. */
  private readonly before = new RowBits();
  private decided: number[] = [];
  private readonly corrected = new Map<string, CorrectedRow>();
  private readonly waived = new Map<string, WaivedRows>();
  /** Lines of the window that decide something. */
  changed = 0;

  constructor(cells: SourceCells, problems: Problems) {
    this.cells = cells;
    this.problems = problems;
  }

  /** Ends the window. */
  next(): Corrections {
    const corrections = {
      corrected: [...this.corrected.values()],
      waived: [...this.waived.values()],
    };
    for (const ordinal of this.decided) this.before.add(ordinal);
    this.decided = [];
    this.corrected.clear();
    this.waived.clear();
    this.changed = 0;
    return corrections;
  }

  take({ row, ordinal, edits }: Match): void {
    for (const edit of edits) {
      const { changed } = this;
      this.line(row, edit);
      if (this.changed === changed) continue;
      this.decided.push(ordinal);
      if (this.before.has(ordinal))
        this.problems.add(`line ${edit.at}: decides about the same row as a line far above`);
    }
  }

  private line(row: UndecidedRow, edit: EditedRow): void {
    const { node, input, file, line } = row;
    const place = { node, input, file, line };
    const changes = this.changes(row, edit);
    const decision = edit.decision.trim().toLowerCase();
    if (decision === "waive") {
      this.waived.set(keyOf(place), place);
      this.changed += 1;
    } else if (Object.keys(changes).length > 0 || decision === "correct") {
      const values = decision === "correct" ? { ...row.values, ...changes } : changes;
      this.correct({ ...place, values }, row, edit);
    }
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

  private correct(correction: CorrectedRow, row: UndecidedRow, edit: EditedRow): void {
    const key = keyOf(correction);
    const before = this.corrected.get(key);
    if (before !== undefined && JSON.stringify(before.values) !== JSON.stringify(correction.values))
      this.problems.add(`line ${edit.at}: corrects the same row as an earlier line, differently`);
    for (const [name, text] of Object.entries({ ...row.values, ...correction.values })) {
      const problem = this.cells.problem(row.node, name, text);
      if (problem !== undefined) this.problems.add(`line ${edit.at}, r.${name}: ${problem}`);
    }
    this.corrected.set(key, correction);
    this.changed += 1;
  }
}

export interface WaiveRequest extends RejectedRequest {
  readonly line?: number | undefined;
}

/** Waives the rejected rows that are asked for: single ones by their line, else all of an input with the same reason. */
export async function waiveRows(
  ports: OperatorPorts,
  request: WaiveRequest,
  decider: Decider,
): Promise<{ readonly run: RunRecord; readonly rows: number }> {
  const { run, rows } = await listRejected(ports, request);
  const waived = new Map<string, WaivedRows>();
  let count = 0;
  for await (const { node, input, file, line, reason, isWaived } of rows()) {
    if (isWaived || (request.line !== undefined && line !== request.line)) continue;
    const rule =
      request.line === undefined ? { node, input, file, reason } : { node, input, file, line };
    waived.set(JSON.stringify(rule), rule);
    count += 1;
  }
  if (count > 0)
    await recordRowDecision(ports, run, { corrected: [], waived: [...waived.values()] }, decider);
  return { run, rows: count };
}
