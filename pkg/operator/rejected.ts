import { Fault } from "#pkg/fault";
import { nodeNamed, ownerOfTable, type Script, type ScriptNode } from "#pkg/script";
import { readRejected, type RejectedRow } from "#pkg/table";
import {
  correctionsOf,
  executedUnit,
  rejectedPieces,
  type Corrections,
  type NodeRecord,
  type NumberedUnit,
  type RunRecord,
  type SourceCorrections,
} from "#pkg/workflow";
import { findRun } from "./find-run.ts";
import type { OperatorPorts } from "./ports.ts";
import { newRowDecisions, withApplied } from "./row-decisions.ts";

export interface RejectedRequest {
  readonly keyspace: string;
  /** Absent: the newest run. */
  readonly run: number | undefined;
  readonly node?: string | undefined;
  readonly reason?: string | undefined;
  /** URL or table name, or the end of one. */
  readonly file?: string | undefined;
}

export interface Rejected extends RejectedRow {
  readonly node: string;
  readonly batch: number;
  /** What people decided about the row since, or before with the effect that it is waived. */
  readonly decision: "" | "corrected" | "waived";
  /** Decided since the run: a replay would apply it. */
  readonly isNew: boolean;
}

export interface RejectedListing {
  readonly run: RunRecord;
  readonly script: Script;
  /** Names of everything that rows of the asked nodes can hold, in the order of the script. */
  readonly names: readonly string[];
  /** In the order of nodes, batches and rows; read piece by piece. */
  readonly rows: () => AsyncGenerator<Rejected>;
  /** The same without what was decided about them, in the memory of one piece. */
  readonly undecided: () => AsyncGenerator<UndecidedRow>;
}

export type UndecidedRow = Omit<Rejected, "decision" | "isNew">;

/** Rejected rows of one run, of committed attempts alone (P3). Throws KEYSPACE_MISSING, RUN_MISSING, NODE_MISSING. */
export async function listRejected(
  ports: OperatorPorts,
  request: RejectedRequest,
): Promise<RejectedListing> {
  const run = await findRun(ports.store, request.keyspace, request.run);
  const script = JSON.parse(await ports.store.document(run.documents.script)) as Script;
  const nodes = nodesOf(script, run, request.node);
  async function* undecided(): AsyncGenerator<UndecidedRow> {
    const records = await ports.store.nodes(run.incarnation, run.run);
    for (const { name } of nodes) {
      const record = records.find(({ node }) => node === name);
      if (record === undefined) continue;
      for await (const row of rowsOfNode(ports, record)) if (isAsked(row, request)) yield row;
    }
  }
  return {
    run,
    script,
    names: [...new Set(nodes.flatMap((node) => namesOf(script, node)))],
    undecided,
    rows: async function* rows() {
      const fresh = await newRowDecisions(ports, run);
      const decide = openDecisions(await withApplied(ports, run, fresh));
      const decideNow = openDecisions(fresh);
      for await (const row of undecided())
        yield { ...row, decision: decide(row), isNew: decideNow(row) !== "" };
    },
  };
}

/** Affected nodes that may reject rows, or the one that is asked for. */
function nodesOf(
  script: Script,
  { affected, run, keyspace }: RunRecord,
  name: string | undefined,
): readonly ScriptNode[] {
  if (name === undefined)
    return script.nodes.filter(
      (node) => affected.includes(node.name) && node.rejects !== undefined,
    );
  if (affected.includes(name)) return [nodeNamed(script, name)];
  throw new Fault("NODE_MISSING", `run ${run} of keyspace ${keyspace} has no node "${name}"`, {
    facts: { node: name, nodes: affected },
    hint: `Its nodes are: ${affected.join(", ")}.`,
  });
}

/** What a row of the source of a node can hold. */
const namesOf = (script: Script, node: ScriptNode): readonly string[] =>
  (node.kind === "file_table"
    ? node.reader.columns
    : (ownerOfTable(script, node.reader.table)?.writer.fields ?? [])
  ).map(({ name }) => name);

const isAsked = (
  row: UndecidedRow,
  { reason, file }: Pick<RejectedRequest, "reason" | "file">,
): boolean =>
  (reason === undefined || row.reason === reason) &&
  (file === undefined || row.file === file || row.file.endsWith(`/${file}`));

/** What was decided about each row. */
function openDecisions(decisions: Corrections): (row: UndecidedRow) => Rejected["decision"] {
  const known = new Map<string, SourceCorrections>();
  return ({ node, input, file, line, reason, isWaived }) => {
    const key = `${node} ${input} ${file}`;
    const source = known.get(key) ?? correctionsOf(decisions, { node, input, file });
    known.set(key, source);
    if (source.corrected.has(line)) return "corrected";
    return isWaived || source.isWaived(line, reason) ? "waived" : "";
  };
}

async function* rowsOfNode(ports: OperatorPorts, record: NodeRecord): AsyncGenerator<UndecidedRow> {
  const { incarnation, node, adopted } = record;
  const run = adopted?.run ?? record.run;
  const units = await ports.store.units({ incarnation, run, node, phase: "rows" });
  for (const { from, unit, batch, token, pieces } of finalAttempts(record, units)) {
    const place = { incarnation, run: from ?? run, node, phase: "rows", unit, token };
    for await (const rows of readRejected(ports.tables, place, pieces))
      for (const row of rows) yield { node, batch, ...row };
  }
}

interface FinalAttempt {
  readonly unit: number;
  readonly batch: number;
  readonly token: string;
  readonly pieces: number;
  /** The run that a retry took the batch over from. */
  readonly from: number | undefined;
}

/** The attempt that counts for each batch: the last one, where a lost output was made again. */
function finalAttempts(
  record: NodeRecord,
  units: readonly NumberedUnit[],
): readonly FinalAttempt[] {
  const byBatch = new Map<number, FinalAttempt>();
  for (const { unit, record: attempt } of units) {
    const pieces = rejectedPieces(attempt).length;
    const batch = executedUnit(record, "rows", unit);
    if (attempt.state !== "running")
      byBatch.set(batch, {
        unit,
        batch,
        token: attempt.token,
        pieces,
        from: attempt.outcome?.from,
      });
  }
  return [...byBatch.values()].toSorted((a, b) => a.batch - b.batch);
}
