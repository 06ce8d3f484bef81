import type { ControlStore } from "#pkg/store";
import type { CheckResult, Manifest, NodeRecord, RunRecord } from "#pkg/workflow";

/** Two runs side by side; `null` where a run has no such node. */
export interface RunComparison {
  readonly left: RunSide;
  readonly right: RunSide;
  readonly isSameScript: boolean;
  readonly areSameParameters: boolean;
  readonly areSameInputs: boolean;
  readonly nodes: readonly NodeComparison[];
}

export interface RunSide {
  readonly keyspace: string;
  readonly run: number;
  readonly outcome: string;
  readonly startedAt: string;
  /** Null while it runs. */
  readonly elapsedMs: number | null;
}

export interface NodeComparison {
  readonly node: string;
  readonly left: NodeSide | null;
  readonly right: NodeSide | null;
  /** `unknown`: one side has no result, or both cut the rows into other batches. */
  readonly content: "same" | "different" | "unknown";
}

export interface NodeSide {
  readonly state: NodeRecord["state"];
  readonly rows: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly checks: readonly CheckResult[];
}

/** Counts, times and content of every node of two runs, in the order of the left one; reads records, never rows. */
export async function compareRuns(
  store: ControlStore,
  left: RunRecord,
  right: RunRecord,
): Promise<RunComparison> {
  const [ours, theirs] = [await nodesOf(store, left), await nodesOf(store, right)];
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return {
    left: sideOf(left),
    right: sideOf(right),
    isSameScript: left.documents.script === right.documents.script,
    areSameParameters: left.documents.parameters === right.documents.parameters,
    areSameInputs: left.documents.inputs === right.documents.inputs,
    nodes: [...names].map((node) => compareNode(node, ours.get(node), theirs.get(node))),
  };
}

const sideOf = (run: RunRecord): RunSide => ({
  keyspace: run.keyspace,
  run: run.run,
  outcome: run.state === "complete" ? (run.outcome ?? "") : run.state,
  startedAt: new Date(run.startedAt).toISOString(),
  elapsedMs: run.endedAt === undefined ? null : run.endedAt - run.startedAt,
});

interface Found {
  readonly record: NodeRecord;
  readonly manifest: Manifest | undefined;
}

async function nodesOf(store: ControlStore, run: RunRecord): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const record of await store.nodes(run.incarnation, run.run)) {
    const manifest =
      record.state === "success" && record.manifest !== undefined
        ? await store.manifest(run.incarnation, record.manifest)
        : undefined;
    found.set(record.node, { record, manifest });
  }
  return found;
}

const compareNode = (
  node: string,
  left: Found | undefined,
  right: Found | undefined,
): NodeComparison => ({
  node,
  left: nodeSide(left),
  right: nodeSide(right),
  content: contentOf(left?.manifest, right?.manifest),
});

function nodeSide(found: Found | undefined): NodeSide | null {
  if (found === undefined) return null;
  const { record, manifest } = found;
  const { state, startedAt, endedAt } = record;
  const elapsedMs = startedAt === undefined || endedAt === undefined ? 0 : endedAt - startedAt;
  return {
    state,
    rows: manifest?.rows ?? 0,
    bytes: manifest?.bytes ?? 0,
    elapsedMs,
    checks: record.checks ?? [],
  };
}

/** Files by their hashes, tables by the hashes of their batches; rows in other batches cannot be told apart from here. */
function contentOf(
  left: Manifest | undefined,
  right: Manifest | undefined,
): NodeComparison["content"] {
  if (left === undefined || right === undefined) return "unknown";
  if (left.outputs.length > 0 || right.outputs.length > 0)
    return isSame(left.outputs.map(hashOfFile), right.outputs.map(hashOfFile))
      ? "same"
      : "different";
  if (left.rows !== right.rows) return "different";
  if (isSame(left.batches.map(hashOfBatch), right.batches.map(hashOfBatch))) return "same";
  const isCutAlike = isSame(left.batches.map(rowsOfBatch), right.batches.map(rowsOfBatch));
  return isCutAlike ? "different" : "unknown";
}

const hashOfFile = ({ sha256 }: { readonly sha256: string }): string => sha256;
const hashOfBatch = ({ rows, stored, valueHash }: Manifest["batches"][number]): string =>
  `${rows} ${stored} ${valueHash}`;
const rowsOfBatch = ({ rows }: Manifest["batches"][number]): string => String(rows);

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((value, at) => value === right[at]);
