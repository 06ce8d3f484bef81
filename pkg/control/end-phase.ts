import { forEachLimit } from "#pkg/async";
import { counted, isFault, toRecord, type FaultRecord } from "#pkg/fault";
import {
  afterSplit,
  buildManifest,
  failedCheck,
  lastCause,
  unitsOf,
  warningsOfChecks,
  type CheckResult,
  type Manifest,
  type NodePlan,
  type NodeRecord,
  type NumberedUnit,
  type PhaseName,
  type UnitOutcome,
  type UnitsByPhase,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import { explainingUnit } from "./first-cause.ts";
import { moveNode } from "./move-node.ts";
import { phaseUnits, unitsByPhase } from "./node-units.ts";
import { sweepNode } from "./sweep.ts";

const MOST_WARNINGS = 100;

/** All units succeeded: the next phase opens. After a split the plan gets the real number of rows units. */
export async function nextPhase(context: Context, record: NodeRecord): Promise<boolean> {
  const phase = currentPhase(record);
  const units = await phaseUnits(context, record, phase);
  const outcomes = successes(units);
  if (outcomes.length < unitsOf(record, phase)) return false;
  const plan = record.plan as NodePlan;
  const set = {
    phase: (record.phase ?? 0) + 1,
    plan: phase === "split" ? afterSplit(plan, outcomes) : plan,
  };
  return moveNode(context, record, { event: "nextPhase", text: `${phase} is done`, set });
}

/** All units are final and some failed: the node fails with the cause of one of them, always the same one. */
export async function failUnits(context: Context, record: NodeRecord): Promise<boolean> {
  const phase = currentPhase(record);
  const units = await phaseUnits(context, record, phase);
  const failed = units.filter(({ record }) => record.state === "fail");
  const first = explainingUnit(failed);
  const total = unitsOf(record, phase);
  if (first === undefined || failed.length + successes(units).length < total) return false;
  const cause = lastCause(first.record);
  const facts = { ...cause.facts, unit: first.unit, failedUnits: failed.length, units: total };
  return failNode(context, record, { ...cause, facts });
}

/** Leaves nothing behind that could be taken for a result: temporary files of all batches go first (P9). */
export async function failNode(
  context: Context,
  record: NodeRecord,
  cause: FaultRecord,
): Promise<boolean> {
  await sweepNode(context, { ...record, state: "fail" });
  // Policies may read the committed batches of a failed node (design 4.2 d).
  const { incarnation, run, node } = record;
  await context.tables.flush({ incarnation, run, node });
  return moveNode(context, record, { event: "fail", text: cause.message, set: { cause } });
}

/** All phases are done: the manifest is written, then the table is a success or the files are ready to publish. */
export async function conclude(context: Context, record: NodeRecord): Promise<boolean> {
  const units = await unitsByPhase(context, record);
  for (const { name } of record.plan?.phases ?? [])
    if (successes(units[name] ?? []).length < unitsOf(record, name)) return false;
  const checks = checksOf(units);
  const failed = failedCheck(record.node, checks);
  if (failed !== undefined) return failNode(context, { ...record, checks }, toRecord(failed));
  const made = manifestOf(record, units);
  if ("cause" in made) return failNode(context, record, made.cause);
  const hasTable = made.manifest.outputs.length === 0;
  let manifest = "";
  const steps = [
    async (): Promise<void> => {
      manifest = await context.store.putManifest(made.manifest);
    },
    async (): Promise<void> => {
      if (hasTable) await sealTable(context, record, made.manifest);
    },
  ];
  await forEachLimit(steps, steps.length, (step) => step());
  const warnings = warningsOf(record, units, checks);
  const set = {
    manifest,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(checks.length > 0 ? { checks } : {}),
  };
  const { rows, batches } = made.manifest;
  const text = `${counted(rows, "row")} in ${counted(batches.length, "batch")}`;
  return moveNode(context, record, { event: hasTable ? "succeed" : "publish", text, set });
}

/** From then on the table is what its manifest names, also after a power failure. */
async function sealTable(context: Context, record: NodeRecord, manifest: Manifest): Promise<void> {
  const { incarnation, run, node } = record;
  await sweepNode(context, { ...record, state: "success" }, manifest);
  await context.tables.flush({ incarnation, run, node });
}

const currentPhase = (record: NodeRecord): PhaseName =>
  (record.plan as NodePlan).phases[record.phase ?? 0]?.name as PhaseName;

const successes = (units: readonly NumberedUnit[]): readonly UnitOutcome[] =>
  units.flatMap(({ record }) =>
    record.state === "success" && record.outcome !== undefined ? [record.outcome] : [],
  );

function manifestOf(
  record: NodeRecord,
  units: UnitsByPhase,
): { readonly manifest: Manifest } | { readonly cause: FaultRecord } {
  try {
    return { manifest: buildManifest(record, units) };
  } catch (error) {
    if (!isFault(error) || error.code !== "ACCOUNTING") throw error;
    return { cause: toRecord(error) };
  }
}

/** What the check phase found; nothing for a node without checks. */
const checksOf = ({ check = [] }: UnitsByPhase): readonly CheckResult[] =>
  successes(check).flatMap(({ checks }) => checks ?? []);

function warningsOf(
  record: NodeRecord,
  units: UnitsByPhase,
  checks: readonly CheckResult[],
): readonly string[] {
  const all = new Set([...(record.warnings ?? []), ...warningsOfChecks(checks)]);
  for (const { warnings } of Object.values(units).flatMap(successes))
    for (const warning of warnings ?? []) all.add(warning);
  return [...all].slice(0, MOST_WARNINGS);
}
