import { Fault, isFault } from "#pkg/fault";
import { ownerOfTable, nodeNamed, type Script } from "#pkg/script";
import { compileCellReader, parseDefault, type FieldType } from "#pkg/value";
import type { CorrectedRow, Corrections, RunRecord, WaivedRows } from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";
import { listRejected, type Rejected, type RejectedRequest } from "./rejected.ts";
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
 * Records what an edited export of rejected rows says; nothing at all when a line is wrong. Throws CORRECTION_MISSING for rows that
 * the run did not reject, CORRECTION_INVALID for texts that the column does not take or for two lines that contradict each other.
 */
export async function correctRows(
  ports: OperatorPorts,
  where: Where,
  edited: readonly EditedRow[],
  decider: Decider,
): Promise<Corrected> {
  const wanted = byKey(edited);
  const { run, script, rows } = await listRejected(ports, where);
  const upload = new Upload(script);
  for await (const row of rows()) {
    const key = keyOf(row);
    for (const edit of wanted.get(key) ?? []) upload.take(row, edit);
    wanted.delete(key);
  }
  refuseMissing(run, [...wanted.values()].flat());
  const corrections = upload.finish();
  const { corrected, waived } = corrections;
  if (corrected.length + waived.length > 0)
    await recordRowDecision(ports, run, corrections, decider);
  const unchanged = edited.length - upload.changed;
  return { run, corrected: corrected.length, waived: waived.length, unchanged };
}

const keyOf = ({ node, input, file, line }: Omit<WaivedRows, "reason">): string =>
  JSON.stringify([node, input, file, line]);

function byKey(edited: readonly EditedRow[]): Map<string, readonly EditedRow[]> {
  const rows = new Map<string, readonly EditedRow[]>();
  for (const row of edited) rows.set(keyOf(row), [...(rows.get(keyOf(row)) ?? []), row]);
  return rows;
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

/** Compares edited lines with what was rejected and collects what they decide. */
class Upload {
  private readonly script: Script;
  private readonly corrected = new Map<string, CorrectedRow>();
  private readonly waived = new Map<string, WaivedRows>();
  private readonly problems: string[] = [];
  changed = 0;

  constructor(script: Script) {
    this.script = script;
  }

  take(row: Rejected, edit: EditedRow): void {
    const { node, input, file, line } = row;
    const place = { node, input, file, line };
    const changes = Object.entries(edit.values).filter(
      ([name, text]) => Object.hasOwn(row.values, name) && row.values[name] !== text,
    );
    const decision = edit.decision.trim().toLowerCase();
    if (decision === "waive") {
      this.waived.set(keyOf(place), place);
      this.changed += 1;
    } else if (changes.length > 0 || decision === "correct") {
      const values =
        decision === "correct" ? { ...row.values, ...edit.values } : Object.fromEntries(changes);
      this.correct({ ...place, values }, row, edit);
    }
  }

  finish(): Corrections {
    if (this.problems.length === 0)
      return { corrected: [...this.corrected.values()], waived: [...this.waived.values()] };
    const list = this.problems.slice(0, NAMED).join("; ");
    const more = this.problems.length > NAMED ? `; and ${this.problems.length - NAMED} more` : "";
    throw new Fault("CORRECTION_INVALID", `${list}${more}`, { facts: { problems: this.problems } });
  }

  private correct(correction: CorrectedRow, row: Rejected, edit: EditedRow): void {
    const key = keyOf(correction);
    const before = this.corrected.get(key);
    if (before !== undefined && JSON.stringify(before.values) !== JSON.stringify(correction.values))
      this.problems.push(`line ${edit.at}: corrects the same row as an earlier line, differently`);
    const types = typesOf(this.script, row.node);
    for (const [name, text] of Object.entries({ ...row.values, ...correction.values })) {
      const problem = types.get(name)?.(text);
      if (problem !== undefined) this.problems.push(`line ${edit.at}, r.${name}: ${problem}`);
    }
    this.corrected.set(key, correction);
    this.changed += 1;
  }
}

/** What is wrong with a text, by what can be corrected in a node. */
type Problem = (text: string) => string | undefined;

function typesOf(script: Script, name: string): ReadonlyMap<string, Problem> {
  const node = nodeNamed(script, name);
  if (node.kind === "file_table" && node.reader.format === "csv")
    return new Map(node.reader.columns.map((column) => [column.name, cellProblem(column)]));
  const fields =
    node.kind === "file_table"
      ? node.reader.columns
      : (ownerOfTable(script, node.reader.table)?.writer.fields ?? []);
  return new Map(fields.map(({ name, type }) => [name, valueProblem(type)]));
}

function cellProblem(column: Parameters<typeof compileCellReader>[0]): Problem {
  const read = compileCellReader(column);
  return (text) => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      if (isFault(error)) return error.message;
      throw error;
    }
  };
}

const valueProblem =
  (type: FieldType): Problem =>
  (text) =>
    type === "string" || parseDefault(type, text) !== undefined
      ? undefined
      : `${JSON.stringify(text)} is not a ${type}`;

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
