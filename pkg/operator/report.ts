import { shownUrl, type FaultRecord } from "#pkg/fault";
import type { Script, ScriptNode } from "#pkg/script";
import {
  PHASES,
  type CheckResult,
  type NodeRecord,
  type RowCounts,
  type RunRecord,
  type UnitRecord,
} from "#pkg/workflow";
import type { ControlStore } from "#pkg/store";

/** Everything a run did, for machines (`--report`, `--json`). Rows, bytes and milliseconds are plain numbers. */
export interface RunReport {
  readonly keyspace: string;
  readonly run: number;
  readonly state: RunRecord["state"];
  readonly outcome: RunRecord["outcome"] | "unfinished";
  readonly comment: string;
  readonly script: string;
  readonly scriptHash: string;
  readonly startNodes: readonly string[];
  /** Of a retry: the run it retries, and how a corrected script differs from that run's. */
  readonly retry: { readonly of: number; readonly diff: string | null } | null;
  readonly constants: RunRecord["constants"];
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly elapsedMs: number;
  readonly nodes: readonly NodeReport[];
}

export interface NodeReport {
  readonly node: string;
  readonly kind: ScriptNode["kind"];
  readonly state: NodeRecord["state"];
  /** What it waits for. */
  readonly reason: string;
  /** The run whose result a retry took over. */
  readonly adopted: number | null;
  readonly cause: FaultRecord | null;
  readonly warnings: readonly string[];
  /** What the checks of the node found. */
  readonly checks: readonly CheckResult[];
  /** Runs whose tables were read. */
  readonly sources: {
    readonly reader: { readonly run: number; readonly node: string } | null;
    readonly lookup: { readonly run: number; readonly node: string } | null;
  };
  readonly lookupPlan: string | null;
  readonly rows: Required<RowCounts>;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly outputs: readonly {
    readonly url: string;
    readonly size: number;
    readonly sha256: string;
  }[];
  readonly batches: readonly BatchReport[];
}

export interface BatchReport {
  readonly phase: string;
  readonly batch: number;
  readonly state: UnitRecord["state"];
  /** The run that executed it, when a retry took it over. */
  readonly from: number | null;
  readonly attempts: number;
  readonly rows: Required<RowCounts>;
  readonly elapsedMs: number;
  /** Why attempts ended, oldest first. */
  readonly causes: readonly FaultRecord[];
}

const NO_ROWS: Required<RowCounts> = {
  read: 0,
  written: 0,
  filtered: 0,
  rejected: 0,
  duplicates: 0,
  waived: 0,
  corrected: 0,
};

/** Reads the report of one run; nodes in the order of the run, batches by phase and number. */
export async function reportRun(
  store: ControlStore,
  record: RunRecord,
  now: number,
): Promise<RunReport> {
  const script = JSON.parse(await store.document(record.documents.script)) as Script;
  const kinds = new Map(script.nodes.map((node) => [node.name, node.kind]));
  const nodes: NodeReport[] = [];
  for (const node of await store.nodes(record.incarnation, record.run))
    nodes.push(await reportNode(store, node, { kind: kinds.get(node.node) ?? "table_table", now }));
  return {
    keyspace: record.keyspace,
    run: record.run,
    state: record.state,
    outcome: record.outcome ?? "unfinished",
    comment: record.comment,
    script: shownUrl(record.retry?.scriptUrl ?? record.scriptUrl),
    scriptHash: record.documents.scriptText,
    startNodes: record.startNodes,
    retry: await reportRetry(store, record),
    constants: record.constants,
    startedBy: record.startedBy,
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: record.endedAt === undefined ? null : new Date(record.endedAt).toISOString(),
    elapsedMs: (record.endedAt ?? now) - record.startedAt,
    nodes,
  };
}

async function reportRetry(store: ControlStore, { retry }: RunRecord): Promise<RunReport["retry"]> {
  if (retry === undefined) return null;
  const { of, diff } = retry;
  return { of, diff: diff === undefined ? null : await store.document(diff) };
}

interface NodeFacts {
  readonly kind: ScriptNode["kind"];
  readonly now: number;
}

async function reportNode(
  store: ControlStore,
  node: NodeRecord,
  facts: NodeFacts,
): Promise<NodeReport> {
  const work = await reportWork(store, node, facts.now);
  return {
    node: node.node,
    kind: facts.kind,
    state: node.state,
    reason: node.reason ?? "",
    adopted: node.adopted?.run ?? null,
    cause: node.cause ?? null,
    warnings: node.warnings ?? [],
    checks: node.checks ?? [],
    sources: { reader: sourceOf(node, "reader"), lookup: sourceOf(node, "lookup") },
    lookupPlan: node.plan?.lookup ?? null,
    rows: totalRows(work.batches),
    bytes: work.bytes,
    elapsedMs: node.startedAt === undefined ? 0 : (node.endedAt ?? facts.now) - node.startedAt,
    outputs: node.state === "success" ? work.outputs : [],
    batches: work.batches,
  };
}

type Work = Pick<NodeReport, "batches" | "outputs" | "bytes">;

/** What the units of a node did, by phase and number; of a node that was taken over, what they did in the run that executed it. */
async function reportWork(store: ControlStore, node: NodeRecord, now: number): Promise<Work> {
  const batches: BatchReport[] = [];
  const outputs: NodeReport["outputs"][number][] = [];
  let bytes = 0;
  const { incarnation, node: name, adopted } = node;
  const run = adopted?.run ?? node.run;
  for (const phase of PHASES) {
    for (const { unit, record } of await store.units({ incarnation, run, node: name, phase })) {
      batches.push(reportBatch({ phase, unit, from: adopted?.run }, record, now));
      if (record.outcome === undefined) continue;
      const { output } = record.outcome;
      bytes += record.outcome.bytes;
      if (output)
        outputs.push({ url: shownUrl(output.url), size: output.size, sha256: output.sha256 });
    }
  }
  return { batches, outputs, bytes };
}

function sourceOf(
  { verdict }: NodeRecord,
  side: "reader" | "lookup",
): { readonly run: number; readonly node: string } | null {
  const version = verdict?.[side];
  return version === undefined ? null : { run: version.run, node: version.node };
}

function reportBatch(
  {
    phase,
    unit,
    from,
  }: { readonly phase: string; readonly unit: number; readonly from: number | undefined },
  record: UnitRecord,
  now: number,
): BatchReport {
  return {
    phase,
    batch: unit,
    state: record.state,
    from: record.outcome?.from ?? from ?? null,
    attempts: record.attempt,
    rows: { ...NO_ROWS, ...record.outcome?.counts },
    elapsedMs: (record.endedAt ?? now) - record.startedAt,
    causes: record.causes,
  };
}

/** Rows of the node: its rows phase, less what its finish phase dropped as duplicates (P7). */
function totalRows(batches: readonly BatchReport[]): Required<RowCounts> {
  const total: { -readonly [Key in keyof RowCounts]-?: number } = { ...NO_ROWS };
  for (const { phase, rows } of batches) {
    if (phase === "rows")
      for (const key of Object.keys(total) as (keyof RowCounts)[]) total[key] += rows[key];
    if (phase === "finish") {
      total.duplicates += rows.duplicates;
      total.written -= rows.duplicates;
    }
  }
  return total;
}
