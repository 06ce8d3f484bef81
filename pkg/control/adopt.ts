import { forEachLimit } from "#pkg/async";
import { counted, Fault, isFault, toRecord } from "#pkg/fault";
import {
  adoptedUnits,
  rebasedVerdict,
  type Action,
  type AdoptedUnits,
  type NodeRecord,
  type NumberedUnit,
  type PhaseName,
  type RunRecord,
  type UnitOutcome,
  type WorkflowState,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import { moveNode } from "./move-node.ts";
import { phaseUnits } from "./node-units.ts";

type Adopt = Extract<Action, { readonly kind: "adopt" }>;
type Continue = Extract<Action, { readonly kind: "continue" }>;

const UNITS_AT_ONCE = 16;

/** The result of a node of the retried run becomes the result here, by its manifest; nothing is copied. */
export function adoptNode(
  context: Context,
  state: WorkflowState,
  { node, adoption }: Adopt,
): Promise<boolean> {
  const record = recordOf(state, node);
  const { run, plan, manifest, warnings } = adoption;
  const set = {
    verdict: rebasedVerdict(adoption.verdict, originOf(state), state.run.run),
    plan,
    manifest,
    adopted: { run },
    startedAt: context.now(),
    ...(warnings ? { warnings } : {}),
  };
  const text = `taken over from run ${run}: ${counted(plan.batches, "batch")}`;
  return moveNode(context, record, { event: "adopt", text, set });
}

/**
 * Opens a node in the phase where its execution goes on. Every unit that is taken over is claimed and committed under its old
 * token before, so that no worker ever finds it pending; doing that again changes nothing (W3).
 */
export async function continueNode(
  context: Context,
  state: WorkflowState,
  { node, adoption }: Continue,
): Promise<boolean> {
  const record = recordOf(state, node);
  try {
    const adopted = await adoptUnits(context, state, { record, adoption });
    const { plan, phase, execute } = adoption;
    const set = {
      verdict: rebasedVerdict(adoption.verdict, originOf(state), state.run.run),
      plan,
      phase,
      startedAt: context.now(),
    };
    const text = `goes on with ${plan.phases[phase]?.name} ${execute.length}; taken over from run ${adoption.run}: ${counted(adopted, "batch")}`;
    return await moveNode(context, record, { event: "open", text, set });
  } catch (error) {
    if (!isFault(error) || error.code !== "TABLE_DAMAGED") throw error;
    const set = { cause: toRecord(error) };
    return moveNode(context, record, { event: "fail", text: error.message, set });
  }
}

const recordOf = ({ nodes }: WorkflowState, name: string): NodeRecord =>
  nodes.find(({ node }) => node === name) as NodeRecord;

const originOf = ({ run }: WorkflowState): number => run.retry?.of ?? run.run;

interface UnitsToAdopt {
  readonly record: NodeRecord;
  readonly adoption: AdoptedUnits;
}

/** Resolves with the number of units that were taken over. */
async function adoptUnits(
  context: Context,
  state: WorkflowState,
  { record, adoption }: UnitsToAdopt,
): Promise<number> {
  const of = adoption.run;
  let count = 0;
  for (const [phase, { name, units }] of adoption.plan.phases.entries()) {
    if (phase > adoption.phase) break;
    const before = await phaseUnits(context, { ...record, run: of }, name);
    const adopted = adoptedUnits(adoption, phase, before.filter(hasOutcome));
    const expected = phase < adoption.phase ? units : units - adoption.execute.length;
    if (adopted.length < expected)
      throw new Fault(
        "TABLE_DAMAGED",
        `run ${of} has ${adopted.length} of ${expected} units of node "${record.node}" that are to be taken over`,
        { facts: { run: of, node: record.node, phase: name } },
      );
    await forEachLimit(adopted, UNITS_AT_ONCE, (unit) =>
      adoptUnit(context, state.run, { record, phase: name, unit, from: of }),
    );
    count += adopted.length;
  }
  return count;
}

type Committed = NumberedUnit & { readonly record: { readonly outcome: UnitOutcome } };

const hasOutcome = (unit: NumberedUnit): unit is Committed => unit.record.outcome !== undefined;

interface UnitToAdopt {
  readonly record: NodeRecord;
  readonly phase: PhaseName;
  readonly unit: Committed;
  readonly from: number;
}

async function adoptUnit(
  context: Context,
  { epoch }: RunRecord,
  { record, phase, from, unit: { unit, record: before } }: UnitToAdopt,
): Promise<void> {
  const { incarnation, run, node } = record;
  const { token, outcome } = before;
  const key = { incarnation, run, node, phase, unit };
  const at = context.now();
  await context.store.claimUnit({ key, token, session: context.session, epoch, at });
  const result = { outcome: { ...outcome, from: outcome.from ?? from } };
  await context.store.commitUnit({ key, token, epoch, at, result });
}
