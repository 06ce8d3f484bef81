import { counted } from "#pkg/fault";
import { lastCause } from "./last-cause.ts";
import { isCommitted, type CommittedUnit } from "./manifest.ts";
import { rowShare } from "./row-share.ts";
import type { NodeRecord, RunRecord, UnitRecord } from "./records.ts";
import { isCounted, NODE_CODES, nodeCode, nodeCodeName, RUN_CODES } from "./status.ts";

/**
 * The reference's history tables as views of our records, with fixed rows (design 4.1): a run has Start, Complete, Stop; a
 * node and a batch have Start and their final status. Codes are those of spec/workflow.md 2.2, times are wall clock.
 */
export interface RunHistoryRow {
  readonly at: number;
  readonly run: number;
  readonly status: number;
  readonly comment: string;
}

export interface NodeHistoryRow extends RunHistoryRow {
  readonly node: string;
}

export interface BatchHistoryRow extends NodeHistoryRow {
  readonly batch: number;
  readonly batches: number;
  /** What the batch reads: its file number, or positions of rows in its source; last < first when there is nothing to read. */
  readonly firstToken: number;
  readonly lastToken: number;
}

/** Events of one run, in the order they happened. */
export function runHistory(
  run: RunRecord,
  nodes: readonly Pick<NodeRecord, "node" | "state">[],
): readonly RunHistoryRow[] {
  const row = (at: number, status: number, comment: string): RunHistoryRow => ({
    at,
    run: run.run,
    status,
    comment,
  });
  const rows = [row(run.startedAt, RUN_CODES.start, `started by ${run.startedBy}`)];
  if (run.outcome !== undefined && run.endedAt !== undefined)
    rows.push(row(run.endedAt, RUN_CODES.complete, statusNames(nodes)));
  if (run.stoppedAt !== undefined) rows.push(row(run.stoppedAt, RUN_CODES.stop, run.comment));
  return rows;
}

/** A node → status name map as JSON, which is what the reference writes when a run completes. */
const statusNames = (nodes: readonly Pick<NodeRecord, "node" | "state">[]): string =>
  JSON.stringify(
    Object.fromEntries(nodes.map(({ node, state }) => [node, nodeCodeName(nodeCode(state))])),
  );

/** Whether the view has to know of a node if one of its units was ever claimed: it begins at the first claim. */
export const beginsWithClaim = ({ state, startedAt }: NodeRecord): boolean =>
  startedAt !== undefined && state !== "success" && state !== "fail";

/** Start once a unit was claimed, and the final status. `wasClaimed` counts only where beginsWithClaim says so. */
export function nodeHistory(
  run: Pick<RunRecord, "run" | "comment" | "onlyNodes">,
  node: NodeRecord,
  wasClaimed: boolean,
): readonly NodeHistoryRow[] {
  if (!isCounted(run, node.node)) return [];
  const row = (at: number, status: number, comment: string): NodeHistoryRow => ({
    at,
    run: run.run,
    node: node.node,
    status,
    comment,
  });
  const rows: NodeHistoryRow[] = [];
  const batches = node.plan?.batches ?? 0;
  const hasBegun = node.startedAt !== undefined && (wasClaimed || !beginsWithClaim(node));
  if (hasBegun) rows.push(row(node.startedAt, NODE_CODES.start, counted(batches, "batch")));
  if (node.endedAt !== undefined)
    rows.push(row(node.endedAt, nodeCode(node.state), endOfNode(run, node, batches)));
  return rows;
}

function endOfNode(run: Pick<RunRecord, "comment">, node: NodeRecord, batches: number): string {
  if (node.adopted !== undefined)
    return `${counted(batches, "batch")} ${takenOver(node.adopted.run)}`;
  if (node.state === "success") return `${counted(batches, "batch")} succeeded`;
  return node.cause?.message ?? run.comment;
}

/** A retry takes over what an earlier run committed. */
const takenOver = (run: number): string => `taken over from run ${run}`;

/** What all batches of a node share. */
export interface BatchFacts {
  readonly run: Pick<RunRecord, "run" | "comment" | "onlyNodes">;
  readonly node: NodeRecord;
  readonly batches: number;
  /** Rows of the source; absent for a reader of files. */
  readonly sourceRows?: number;
}

/**
 * One batch; `records` are those of its units, undefined for a pending one. Of a node that ended without running them,
 * every planned batch shows how the node ended.
 */
export function batchHistory(
  facts: BatchFacts,
  batch: number,
  records: readonly (UnitRecord | undefined)[],
): readonly BatchHistoryRow[] {
  const { run, node, batches } = facts;
  if (!isCounted(run, node.node)) return [];
  const tokens = tokensOf(facts, batch);
  const row = (at: number, status: number, comment: string): BatchHistoryRow => ({
    at,
    run: run.run,
    node: node.node,
    batch,
    batches,
    status,
    ...tokens,
    comment,
  });
  const known = records.filter((record) => record !== undefined);
  const rows: BatchHistoryRow[] = [];
  if (node.adopted !== undefined && node.startedAt !== undefined)
    rows.push(row(node.startedAt, NODE_CODES.start, ""));
  if (known.length > 0)
    rows.push(row(Math.min(...known.map(startOf)), NODE_CODES.start, earlierAttempts(known)));
  const end = endOfBatch(facts, batch, records);
  if (end !== undefined) rows.push(row(end.at, end.status, end.comment));
  return rows;
}

const startOf = ({ startedAt }: UnitRecord): number => startedAt;

function tokensOf(
  { batches, sourceRows }: BatchFacts,
  batch: number,
): Pick<BatchHistoryRow, "firstToken" | "lastToken"> {
  if (sourceRows === undefined) return { firstToken: batch, lastToken: batch };
  const { from, to } = rowShare(sourceRows, batch, batches);
  return { firstToken: from, lastToken: to - 1 };
}

/** Every attempt that did not become the result, with its cause. */
function earlierAttempts(records: readonly UnitRecord[]): string {
  const causes = records.flatMap(({ state, causes }) =>
    state === "fail" ? causes.slice(0, -1) : causes,
  );
  return causes.length === 0
    ? ""
    : `attempt ${causes.length + 1}; before: ${causes.map(({ message }) => message).join("; ")}`;
}

interface BatchEnd {
  readonly at: number;
  readonly status: number;
  readonly comment: string;
}

function endOfBatch(
  facts: BatchFacts,
  batch: number,
  records: readonly (UnitRecord | undefined)[],
): BatchEnd | undefined {
  const { node } = facts;
  const known = records.filter((record) => record !== undefined);
  const at = Math.max(0, ...known.map(({ endedAt = 0 }) => endedAt));
  if (isLaterDuplicate(node, batch)) return endWithNode(facts);
  const failed = known.find(({ state }) => state === "fail");
  if (failed !== undefined)
    return { at, status: NODE_CODES.fail, comment: lastCause(failed).message };
  const committed = known.filter(isCommitted);
  if (committed.length > 0 && committed.length === records.length)
    return { at, status: NODE_CODES.success, comment: statistics(committed) };
  return endWithNode(facts);
}

/** A batch that did not end by itself ends as its node does. */
const endWithNode = ({ run, node }: BatchFacts): BatchEnd | undefined =>
  node.endedAt === undefined
    ? undefined
    : {
        at: node.endedAt,
        status: nodeCode(node.state),
        comment: node.adopted ? takenOver(node.adopted.run) : (node.cause?.message ?? run.comment),
      };

/** A unique index was violated: the batch that holds the later row reads as failed (design 5). */
function isLaterDuplicate({ cause }: NodeRecord, batch: number): boolean {
  if (cause?.code !== "DUPLICATE_KEY") return false;
  const second = cause.facts["second"] as { readonly batch: number } | undefined;
  return second?.batch === batch;
}

/** Elapsed time and rows, in the reference's manner: parts separated by semicolons. */
function statistics(records: readonly CommittedUnit[]): string {
  const sum = (of: (record: CommittedUnit) => number): number =>
    records.reduce((total, record) => total + of(record), 0);
  const elapsed = sum(({ startedAt, endedAt = startedAt }) => endedAt - startedAt) / 1000;
  const counts = (["read", "written", "filtered", "rejected", "duplicates"] as const).flatMap(
    (key) => {
      const rows = sum(({ outcome }) => outcome.counts[key]);
      return rows === 0 && key !== "read" && key !== "written" ? [] : [`${key} ${rows}`];
    },
  );
  const from = records[0]?.outcome.from;
  const begin = from === undefined ? `elapsed ${elapsed.toFixed(3)}s` : takenOver(from);
  return [begin, ...counts].join("; ");
}
