import { Fault } from "#pkg/fault";
import type {
  Manifest,
  ManifestBatch,
  NodePlan,
  NodeRecord,
  PhaseName,
  UnitOutcome,
  UnitRecord,
} from "./records.ts";

export interface NumberedUnit {
  readonly unit: number;
  readonly record: UnitRecord;
}

/** Unit records of the phases of one node, as the store lists them. */
export type UnitsByPhase = Readonly<Partial<Record<PhaseName, readonly NumberedUnit[]>>>;

/** A unit with a result. */
export type CommittedUnit = UnitRecord & { readonly outcome: UnitOutcome };

export const isCommitted = (record: UnitRecord | undefined): record is CommittedUnit =>
  record?.state === "success" && record.outcome !== undefined;

/** Units a phase really has: executions repeated for lost outputs come after the planned ones. */
export function unitsOf(node: Pick<NodeRecord, "plan" | "lost">, phase: PhaseName): number {
  const planned = plannedUnits(node.plan, phase);
  return phase === "rows" ? planned + (node.lost?.length ?? 0) : planned;
}

/** Units of a phase before anything is repeated for lost outputs. */
export const plannedUnits = (plan: NodePlan | undefined, phase: PhaseName): number =>
  plan?.phases.find(({ name }) => name === phase)?.units ?? 0;

/** The share of the work that unit `unit` of the record executes: a repeated execution has that of the unit it replaces. */
export function executedUnit(
  node: Pick<NodeRecord, "plan" | "lost">,
  phase: PhaseName,
  unit: number,
): number {
  const planned = plannedUnits(node.plan, phase);
  return unit < planned ? unit : (node.lost?.[unit - planned]?.unit ?? unit);
}

/** The committed attempt that counts for each batch; the last repeat wins. Batches without one are left out. */
function committedRows(
  node: NodeRecord,
  rows: readonly NumberedUnit[],
): Map<number, CommittedUnit> {
  const newest = new Map<number, CommittedUnit>();
  for (const { unit, record } of [...rows].sort((a, b) => a.unit - b.unit))
    if (isCommitted(record)) newest.set(executedUnit(node, "rows", unit), record);
  return newest;
}

/**
 * What the node wrote, from the committed units of its phases; a pure function of them, so that everyone who makes it makes
 * the same (W10). For a node that did not succeed it lists the committed batches, or none when duplicates are unresolved.
 */
export function buildManifest(node: NodeRecord, units: UnitsByPhase): Manifest {
  const { plan } = node;
  const finishUnits = plannedUnits(plan, "finish");
  const finish = (units.finish ?? []).filter(({ record }) => isCommitted(record));
  const committed =
    finish.length === finishUnits ? committedRows(node, units.rows ?? []) : new Map();
  const dropped = droppedRows(finish);
  const batches = [...(committed as Map<number, CommittedUnit>)]
    .sort(([a], [b]) => a - b)
    .map(([batch, record]) => manifestBatch(batch, record, dropped.get(batch) ?? 0));
  return {
    incarnation: node.incarnation,
    run: node.run,
    node: node.node,
    batches,
    selections: finish.map(selectionOf),
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
    bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0),
    partitions: plan?.partitions ?? 1,
    outputs: [...(committed as Map<number, CommittedUnit>)]
      .sort(([a], [b]) => a - b)
      .flatMap(([, { outcome }]) => (outcome.output === undefined ? [] : [outcome.output])),
  };
}

function manifestBatch(
  batch: number,
  { token, outcome }: CommittedUnit,
  dropped: number,
): ManifestBatch {
  const { counts, chunks, bytes, valueHash } = outcome;
  const stored = chunks.length === 0 ? counts.written : chunks.reduce((sum, n) => sum + n, 0);
  if (stored !== counts.written || dropped > stored)
    throw new Fault(
      "ACCOUNTING",
      `batch ${batch} counted ${counts.written} rows, stored ${stored} and dropped ${dropped}`,
      { facts: { batch, written: counts.written, stored, dropped } },
    );
  const rows = stored - dropped;
  return { batch, token, stored, rows, chunks, bytes, valueHash, ...originOf(outcome) };
}

const selectionOf = ({ unit, record }: NumberedUnit): Manifest["selections"][number] => ({
  unit,
  token: record.token,
  ...originOf(record.outcome),
});

const originOf = (outcome: UnitOutcome | undefined): { readonly from?: number } =>
  outcome?.from === undefined ? {} : { from: outcome.from };

function droppedRows(finish: readonly NumberedUnit[]): ReadonlyMap<number, number> {
  const dropped = new Map<number, number>();
  for (const { record } of finish)
    for (const { batch, rows } of record.outcome?.dropped ?? [])
      dropped.set(batch, (dropped.get(batch) ?? 0) + rows);
  return dropped;
}

/** Rejected rows of a batch that had too many of them are committed with its failure. */
const isReadable = (record: UnitRecord): boolean =>
  isCommitted(record) || rejectedPieces(record).length > 0;

/** Rows of each piece of rejected rows that the final attempt at a unit left. */
export function rejectedPieces({ state, outcome, causes }: UnitRecord): readonly number[] {
  if (state === "success") return outcome?.rejects ?? [];
  const last = state === "fail" ? causes.at(-1) : undefined;
  return last?.code === "REJECTED_LIMIT" ? ((last.facts["rejects"] ?? []) as number[]) : [];
}

/**
 * Tokens whose data somebody may still read: all of a manifest, and every committed attempt of a node without success. A unit
 * that still ran when its run was stopped may be committed yet, and a retry may adopt it then.
 */
export function tokensToKeep(
  node: Pick<NodeRecord, "state">,
  manifest: Manifest | undefined,
  units: UnitsByPhase,
): ReadonlySet<string> {
  if (node.state === "success" && manifest !== undefined)
    return new Set([...manifest.batches, ...manifest.selections].map(({ token }) => token));
  const all = Object.values(units).flat();
  const isKept = (record: UnitRecord): boolean =>
    isReadable(record) || (node.state === "stopreceived" && record.state === "running");
  return new Set(all.filter(({ record }) => isKept(record)).map(({ record }) => record.token));
}
