import { forEachLimit } from "#pkg/async";
import { nodeNamed, type Script, type ScriptNode } from "#pkg/script";
import type { ControlStore } from "#pkg/store";
import {
  batchHistory,
  beginsWithClaim,
  nodeHistory,
  runHistory,
  unitsOf,
  type BatchFacts,
  type BatchHistoryRow,
  type NodeHistoryRow,
  type NodeRecord,
  type RunHistoryRow,
  type RunRecord,
  type UnitRecord,
} from "#pkg/workflow";
import { Fault } from "#pkg/fault";
import { suggestion } from "#pkg/expression";
import { findKeyspace } from "./find-run.ts";

const byTime = (a: RunHistoryRow, b: RunHistoryRow): number => a.at - b.at || a.run - b.run;

/** Every run event of a keyspace by time (spec/workflow.md 3.7). Throws KEYSPACE_MISSING. */
export async function readRunHistory(
  store: ControlStore,
  keyspace: string,
): Promise<readonly RunHistoryRow[]> {
  const rows: RunHistoryRow[] = [];
  for (const run of await runsOf(store, keyspace, []))
    rows.push(...runHistory(run, await store.nodes(run.incarnation, run.run)));
  return rows.sort(byTime);
}

/** Node events of the runs (empty: of all runs) by time. Throws KEYSPACE_MISSING, RUN_MISSING. */
export async function readNodeHistory(
  store: ControlStore,
  keyspace: string,
  runs: readonly number[],
): Promise<readonly NodeHistoryRow[]> {
  const rows: NodeHistoryRow[] = [];
  for (const run of await runsOf(store, keyspace, runs))
    for (const node of await store.nodes(run.incarnation, run.run))
      rows.push(...nodeHistory(run, node, await wasClaimed(store, node)));
  return rows.sort(byTime);
}

async function wasClaimed(store: ControlStore, node: NodeRecord): Promise<boolean> {
  const phases = node.plan?.phases ?? [];
  if (!beginsWithClaim(node) || (node.phase ?? 0) > 0) return node.startedAt !== undefined;
  const first = phases[0];
  if (first === undefined) return false;
  const { succeeded, failed } = await store.progress({ ...node, phase: first.name });
  return succeeded + failed > 0 || (await store.units({ ...node, phase: first.name })).length > 0;
}

export interface BatchHistoryRequest {
  readonly keyspace: string;
  /** Empty: all. */
  readonly runs: readonly number[];
  /** Empty: all. */
  readonly nodes: readonly string[];
}

/**
 * Batch events, by run, node in the order of the run, and batch: Start, then the final status. Unit records are read a window
 * at a time, so memory does not grow with the number of batches. Throws KEYSPACE_MISSING, RUN_MISSING, START_NODES.
 */
export async function* readBatchHistory(
  store: ControlStore,
  request: BatchHistoryRequest,
): AsyncGenerator<readonly BatchHistoryRow[]> {
  const runs = await runsOf(store, request.keyspace, request.runs);
  checkNodes(runs, request.nodes);
  for (const run of runs) {
    const script = JSON.parse(await store.document(run.documents.script)) as Script;
    for (const node of await store.nodes(run.incarnation, run.run))
      if (request.nodes.length === 0 || request.nodes.includes(node.node))
        yield* batchesOfNode(store, run, { node, definition: nodeNamed(script, node.node) });
  }
}

function checkNodes(runs: readonly RunRecord[], wanted: readonly string[]): void {
  const known = new Set(runs.flatMap(({ affected }) => affected));
  const unknown = wanted.find((node) => !known.has(node));
  if (unknown === undefined) return;
  const near = suggestion(unknown, known);
  throw new Fault("NODE_MISSING", `no such run has a node "${unknown}"`, {
    facts: { node: unknown, nodes: [...known] },
    hint: near === undefined ? `Nodes are: ${[...known].join(", ")}.` : `Did you mean "${near}"?`,
  });
}

async function runsOf(
  store: ControlStore,
  keyspace: string,
  wanted: readonly number[],
): Promise<readonly RunRecord[]> {
  const { incarnation } = await findKeyspace(store, keyspace);
  const runs = await store.runs(incarnation);
  const missing = wanted.find((number) => !runs.some(({ run }) => run === number));
  if (missing !== undefined)
    throw new Fault("RUN_MISSING", `keyspace "${keyspace}" has no run ${missing}`, {
      facts: { keyspace, run: missing },
    });
  return wanted.length === 0 ? runs : runs.filter(({ run }) => wanted.includes(run));
}

interface NodeOfRun {
  readonly node: NodeRecord;
  readonly definition: ScriptNode;
}

const WINDOW = 256;
const READS_AT_ONCE = 32;

async function* batchesOfNode(
  store: ControlStore,
  run: RunRecord,
  { node, definition }: NodeOfRun,
): AsyncGenerator<readonly BatchHistoryRow[]> {
  const batches = plannedBatches(node, definition);
  const sourceRows = await rowsOfSource(store, node, definition);
  const facts: BatchFacts = {
    run,
    node,
    batches,
    ...(sourceRows === undefined ? {} : { sourceRows }),
  };
  const units = await unitsOfBatches(store, node, batches);
  for (let first = 0; first < batches; first += WINDOW) {
    const window: (readonly BatchHistoryRow[])[] = [];
    const numbers = Array.from({ length: Math.min(WINDOW, batches - first) }, (_, at) => at);
    await forEachLimit(numbers, READS_AT_ONCE, async (at) => {
      const records: (UnitRecord | undefined)[] = [];
      for (const unit of units(first + at))
        records.push(await store.unit({ ...node, phase: "rows", unit }));
      window[at] = batchHistory(facts, first + at, records);
    });
    yield window.flat();
  }
}

/** Batches as the reference counts them: one for each file of a reader, whatever ranges it was cut into (design 5). */
function plannedBatches(node: NodeRecord, definition: ScriptNode): number {
  if (definition.kind === "file_table") return definition.reader.urls.length;
  return node.plan?.batches ?? definition.reader.batches ?? 1;
}

async function rowsOfSource(
  store: ControlStore,
  { incarnation, verdict }: NodeRecord,
  definition: ScriptNode,
): Promise<number | undefined> {
  if (definition.kind === "file_table") return undefined;
  const source = verdict?.reader;
  return source === undefined ? 0 : (await store.manifest(incarnation, source.manifest)).rows;
}

/** The units that decide how a batch reads: its ranges, or the newest execution after its finished file was lost. */
async function unitsOfBatches(
  store: ControlStore,
  node: NodeRecord,
  batches: number,
): Promise<(batch: number) => Iterable<number>> {
  const planned = node.plan?.phases.find(({ name }) => name === "rows")?.units ?? 0;
  if (planned === 0) return () => [];
  const starts = await firstRanges(store, node, batches);
  if (starts !== undefined) return (batch) => between(starts[batch] ?? 0, starts[batch + 1] ?? 0);
  const repeats = new Map((node.lost ?? []).map(({ unit }, at) => [unit, planned + at]));
  const total = unitsOf(node, "rows");
  return (batch) => [Math.min(repeats.get(batch) ?? batch, total - 1)];
}

/** For a node whose files were split: the first rows unit of each file, and the end. Absent: not split, or not yet. */
async function firstRanges(
  store: ControlStore,
  node: NodeRecord,
  files: number,
): Promise<readonly number[] | undefined> {
  if (node.plan?.phases[0]?.name !== "split") return undefined;
  const starts = [0];
  for (let file = 0; file < files; file += 1) {
    const split = await store.unit({ ...node, phase: "split", unit: file });
    starts.push((starts[file] ?? 0) + (split?.outcome?.ranges ?? 1));
  }
  return starts;
}

function* between(from: number, to: number): Generator<number> {
  for (let at = from; at < to; at += 1) yield at;
}
