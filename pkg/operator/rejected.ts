import { Fault } from "#pkg/fault";
import { nodeNamed, ownerOfTable, type Script, type ScriptNode } from "#pkg/script";
import {
  readRejected,
  readRejectedPlaces,
  type ReadRejected,
  type RejectedPlace,
  type RejectedRow,
  type SourceDecisions,
} from "#pkg/table";
import {
  executedUnit,
  rejectedPieces,
  type NodeRecord,
  type NumberedUnit,
  type RunRecord,
} from "#pkg/workflow";
import { findRun } from "./find-run.ts";
import type { OperatorPorts } from "./ports.ts";
import { newRowDecisions, openDecisions, withApplied } from "./row-decisions.ts";

export interface RejectedRequest {
  readonly keyspace: string;
  /** Absent: the newest run. */
  readonly run: number | undefined;
  readonly node?: string | undefined;
  readonly reason?: string | undefined;
  /** URL or table name, or the end of one. */
  readonly file?: string | undefined;
}

interface InBatch {
  readonly node: string;
  readonly batch: number;
}

interface DecidedAbout {
  /** What people decided about the row since, or before with the effect that it is waived. */
  readonly decision: "" | "corrected" | "waived";
  /** Decided since the run: a replay would apply it. */
  readonly isNew: boolean;
}

export type UndecidedRow = RejectedRow & InBatch;
export type Rejected = UndecidedRow & DecidedAbout;

/**
 * Rows in the order of nodes, batches and rows, in the memory of one piece. They come piece by piece: a promise for each would cost
 * more than the row.
 */
type Pieces<Row> = AsyncGenerator<Iterable<Row>>;

export interface RejectedListing {
  readonly run: RunRecord;
  readonly script: Script;
  /** Names of everything that rows of the asked nodes can hold, in the order of the script. */
  readonly names: readonly string[];
  readonly rows: () => Pieces<Rejected>;
  /** Without what the rows held. */
  readonly places: () => Pieces<RejectedPlace & InBatch & DecidedAbout>;
  /** Without what was decided about them. */
  readonly undecided: () => Pieces<UndecidedRow>;
}

/** Rejected rows of one run, of committed attempts alone (P3). Throws KEYSPACE_MISSING, RUN_MISSING, NODE_MISSING. */
export async function listRejected(
  ports: OperatorPorts,
  request: RejectedRequest,
): Promise<RejectedListing> {
  const run = await findRun(ports.store, request.keyspace, request.run);
  const script = JSON.parse(await ports.store.document(run.documents.script)) as Script;
  const nodes = nodesOf(script, run, request.node);
  async function* found<Row extends RejectedPlace>(read: ReadRejected<Row>): Pieces<Row & InBatch> {
    const records = await ports.store.nodes(run.incarnation, run.run);
    const isAll = request.reason === undefined && request.file === undefined;
    for (const { name } of nodes) {
      const record = records.find(({ node }) => node === name);
      if (record === undefined) continue;
      for await (const rows of rowsOfNode(ports, record, read))
        yield isAll ? rows : askedOf(rows, request);
    }
  }
  return {
    run,
    script,
    names: [...new Set(nodes.flatMap((node) => namesOf(script, node)))],
    rows: () => decidedAbout(ports, run, found(readRejected)),
    places: () => decidedAbout(ports, run, found(readRejectedPlaces)),
    undecided: () => found(readRejected),
  };
}

async function* decidedAbout<Row extends RejectedPlace & InBatch>(
  ports: OperatorPorts,
  run: RunRecord,
  pieces: Pieces<Row>,
): Pieces<Row & DecidedAbout> {
  const fresh = await newRowDecisions(ports, run);
  const whole = await withApplied(ports, run, fresh);
  const all = (await openDecisions(ports, whole)).inTurn();
  const isAllNew = whole.layers.length === fresh.layers.length;
  const now = isAllNew ? all : (await openDecisions(ports, fresh)).inTurn();
  for await (const piece of pieces) {
    const decided: (Row & DecidedAbout)[] = [];
    for (const row of piece) {
      const [wholly, newly] = [all(row), now(row)];
      if (!wholly.knows(row.line)) await wholly.learn(row.line);
      if (!newly.knows(row.line)) await newly.learn(row.line);
      const decision = decisionAbout(row, wholly);
      const isNew = decisionAbout(row, newly) !== "";
      decided.push(Object.assign(row, { decision, isNew }));
    }
    yield decided;
  }
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

function* askedOf<Row extends RejectedPlace>(
  rows: Iterable<Row>,
  { reason, file }: Pick<RejectedRequest, "reason" | "file">,
): Generator<Row> {
  for (const row of rows)
    if (
      (reason === undefined || row.reason === reason) &&
      (file === undefined || row.file === file || row.file.endsWith(`/${file}`))
    )
      yield row;
}

function decisionAbout(
  { line, reason, isWaived }: RejectedPlace,
  decisions: SourceDecisions,
): Rejected["decision"] {
  const decision = decisions.decision(line);
  if (decision !== undefined && decision !== "waived") return "corrected";
  return isWaived || decisions.isWaived(line, reason) ? "waived" : "";
}

async function* rowsOfNode<Row extends RejectedPlace>(
  ports: OperatorPorts,
  record: NodeRecord,
  read: ReadRejected<Row>,
): Pieces<Row & InBatch> {
  const { incarnation, node, adopted } = record;
  const run = adopted?.run ?? record.run;
  const units = await ports.store.units({ incarnation, run, node, phase: "rows" });
  for (const { from, unit, batch, token, pieces } of finalAttempts(record, units)) {
    const place = { incarnation, run: from ?? run, node, phase: "rows", unit, token };
    for await (const rows of read(ports.tables, place, pieces))
      yield inBatch(rows, { node, batch });
  }
}

function* inBatch<Row extends RejectedPlace>(
  rows: Iterable<Row>,
  batch: InBatch,
): Generator<Row & InBatch> {
  for (const row of rows) yield Object.assign(row, batch);
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
