import { Fault, toRecord } from "#pkg/fault";
import { nodeNamed } from "#pkg/script";
import type { ClaimAnswer, UnitClaim, UnitKey } from "#pkg/store";
import {
  executedUnit,
  unitsOf,
  type NodePlan,
  type NodeRecord,
  type RunRecord,
  type UnitRecord,
  type Verdict,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import type { Claim, MostUnits } from "./ports.ts";

/** The running phase of a node, as far as a claim needs it. */
export interface OpenPhase {
  readonly run: RunRecord;
  readonly node: NodeRecord;
  readonly name: UnitKey["phase"];
  readonly units: number;
}

export function openPhase(run: RunRecord, node: NodeRecord): OpenPhase | undefined {
  const phase = node.plan?.phases[node.phase ?? 0];
  if (node.state !== "running" || phase === undefined) return undefined;
  return { run, node, name: phase.name, units: unitsOf(node, phase.name) };
}

/** `ended`: the unit failed just now because it may not be tried again, so the phase may be over. */
export type ClaimResult = Claim | "refused" | "ended";

/** What became of the claims of several units. */
export interface ClaimedUnits {
  readonly claims: readonly Claim[];
  /** Not all of them were free. */
  readonly isRefused: boolean;
  /** One of them failed just now. */
  readonly isEnded: boolean;
}

/** Units that are claimed at once are lost at once; where a lost unit fails, only those in work may be at risk. */
export const mostAtOnce = async (
  context: Context,
  phase: OpenPhase,
  most: MostUnits,
): Promise<number> =>
  (await refusesRerun(context, phase.run.documents.script, phase.node.node))
    ? 1
    : most(unitKey(phase, 0));

/**
 * Each on its own, at the same time, so that a store may make one write of them. When some cannot be told, the others are
 * claimed all the same; throws when none is.
 */
export async function claimUnits(
  context: Context,
  phase: OpenPhase,
  units: readonly number[],
): Promise<ClaimedUnits> {
  const attempts = await Promise.allSettled(units.map((unit) => claimUnit(context, phase, unit)));
  const results = attempts.flatMap((attempt) =>
    attempt.status === "fulfilled" ? [attempt.value] : [],
  );
  const claims = results.filter((result) => typeof result !== "string");
  const failed = attempts.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected" && claims.length === 0) throw failed.reason;
  return {
    claims,
    isRefused: claims.length < results.length,
    isEnded: results.includes("ended"),
  };
}

/** Claims a pending unit, or takes over one whose session is dead (design 4.3). */
async function claimUnit(context: Context, phase: OpenPhase, unit: number): Promise<ClaimResult> {
  const { session } = context;
  const { run } = phase;
  const key = unitKey(phase, unit);
  const token = context.newToken();
  const at = context.now();
  const answer = await claimInStore(context, { key, token, session, epoch: run.epoch, at });
  if (answer.granted) return claimOf(context, phase, answer.record, unit);
  const held = answer.record;
  if (held?.state !== "running" || held.session === session) return "refused";
  if (!(await context.isSessionDead(held.session))) return "refused";
  return takeOver(context, phase, { unit, held });
}

export const unitKey = ({ run, node, name }: OpenPhase, unit: number): UnitKey => ({
  incarnation: run.incarnation,
  run: run.run,
  node: node.node,
  phase: name,
  unit,
});

async function takeOver(
  context: Context,
  phase: OpenPhase,
  { unit, held }: { readonly unit: number; readonly held: UnitRecord },
): Promise<ClaimResult> {
  const { store, session } = context;
  const { epoch } = phase.run;
  const key = unitKey(phase, unit);
  const token = context.newToken();
  const lost = new Fault("WORKER_LOST", `the process of attempt ${held.attempt} is gone`, {
    facts: { token: held.token, session: held.session, attempt: held.attempt },
  });
  const answer = await claimInStore(context, {
    key,
    token,
    session,
    epoch,
    at: context.now(),
    takeover: { token: held.token, cause: toRecord(lost) },
  });
  if (!answer.granted) return "refused";
  const verdict = await refusal(context, phase, answer.record);
  if (verdict === undefined) return claimOf(context, phase, answer.record, unit);
  const result = { cause: toRecord(verdict) };
  await store.commitUnit({ key, token, epoch, at: context.now(), result });
  return "ended";
}

/** Why a unit whose process died may not be tried again. */
async function refusal(
  context: Context,
  { run, node }: OpenPhase,
  { losses, attempt }: UnitRecord,
): Promise<Fault | undefined> {
  if (losses > context.limits.losses)
    return new Fault("UNIT_ATTEMPTS", `${losses} processes died while they ran this batch`, {
      facts: { losses },
    });
  if (!(await refusesRerun(context, run.documents.script, node.node))) return undefined;
  return new Fault("RERUN_REFUSED", `attempt ${attempt - 1} was lost with its process`);
}

/** When the outcome stays unknown, the claim is kept among the doubts. */
async function claimInStore(context: Context, claim: UnitClaim): Promise<ClaimAnswer> {
  try {
    return await context.store.claimUnit(claim);
  } catch (error) {
    context.doubts.add({ key: claim.key, token: claim.token });
    throw error;
  }
}

/**
 * Whether a batch that was interrupted must fail. Of distinct_table the reference demands rerun_policy fail because it writes
 * in place; our attempts are fenced by their token, so it does not apply there (W8).
 */
export async function refusesRerun(
  context: Context,
  script: string,
  name: string,
): Promise<boolean> {
  const node = nodeNamed(await context.script(script), name);
  return node.rerunPolicy === "fail" && node.kind !== "distinct_table";
}

function claimOf({ claims }: Context, phase: OpenPhase, record: UnitRecord, unit: number): Claim {
  const { run, node, name, units } = phase;
  const { token, epoch, attempt, faults } = record;
  const claim: Claim = {
    key: unitKey(phase, unit),
    token,
    epoch,
    attempt,
    faults,
    units,
    task: {
      incarnation: run.incarnation,
      run: run.run,
      node: node.node,
      phase: name,
      unit: executedUnit(node, name, unit),
      token,
      script: run.documents.script,
      inputs: run.documents.inputs,
      ...(run.documents.corrections ? { corrections: run.documents.corrections } : {}),
      constants: run.constants,
      plan: node.plan as NodePlan,
      verdict: node.verdict as Verdict,
    },
  };
  claims.add(claim);
  return claim;
}
