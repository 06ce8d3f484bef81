import { asFault, Fault, toRecord, type FaultCode, type FaultRecord } from "#pkg/fault";
import { advance } from "./advance.ts";
import { refusesRerun } from "./claim-unit.ts";
import { announce } from "./announce.ts";
import { backOffMs, type Searches } from "./claim-next.ts";
import type { UnitCommit } from "#pkg/store";
import type { Context } from "./context.ts";
import type { Claim } from "./ports.ts";
import { requireLease } from "./publish-node.ts";
import { nodeNamed } from "#pkg/script";
import { isOverRejectLimit, type UnitOutcome } from "#pkg/workflow";

/** What became of an attempt: its result counts, the unit is free again, or somebody else owns it by now. */
export type AttemptEnd = "committed" | "released" | "refused";

/** Faults that say nothing about the unit: whoever resumes runs it again without a mark against it. */
const NOT_THE_UNIT: ReadonlySet<FaultCode> = new Set([
  "STOPPED",
  "STORE_UNAVAILABLE",
  "CLUSTER_UNAVAILABLE",
  "STORE_VERSION",
  "STORE_DAMAGED",
  "DISK_FULL",
]);

/** Refused when the unit was taken over, or the run stopped or dropped; then nothing of the attempt is visible (P3). */
export async function commitOutcome(
  context: Context,
  claim: Claim,
  outcome: UnitOutcome,
): Promise<AttemptEnd> {
  if (await commit(context, claim, { outcome })) return settled(context, claim);
  if (outcome.output !== undefined) await context.files.discard(outcome.output);
  return "refused";
}

/**
 * Data errors fail the unit at once. Retryable faults give it back, with a growing pause, up to the limit; what is not the
 * unit's fault gives it back without counting.
 */
export async function failAttempt(
  context: Context,
  searches: Searches,
  { claim, error }: { readonly claim: Claim; readonly error: unknown },
): Promise<AttemptEnd> {
  const fault = asFault(error);
  if (fault.code === "LEASE_LOST") {
    context.claims.end(claim);
    return "refused";
  }
  if (NOT_THE_UNIT.has(fault.code))
    return release(context, searches, { claim, fault, counts: "none" });
  if (!fault.retryable) return commitFailure(context, claim, toRecord(fault));
  const faults = claim.faults + 1;
  if (faults >= context.limits.faults)
    return commitFailure(context, claim, tooManyFaults(faults, fault));
  if (await refusesRerun(context, claim.task.script, claim.key.node))
    return commitFailure(context, claim, toRecord(fault));
  return release(context, searches, { claim, fault, counts: "fault" });
}

const tooManyFaults = (faults: number, fault: Fault): FaultRecord =>
  toRecord(
    new Fault("UNIT_ATTEMPTS", `${faults} attempts failed, the last one: ${fault.message}`, {
      facts: { ...fault.facts, last: fault.code },
    }),
  );

/** Gives a unit back unharmed, for a shutdown. */
export const handBackUnit = (
  context: Context,
  searches: Searches,
  claim: Claim,
): Promise<AttemptEnd> => {
  const fault = new Fault("STOPPED", "the worker handed the batch back");
  return release(context, searches, { claim, fault, counts: "none" });
};

interface Release {
  readonly claim: Claim;
  readonly fault: Fault;
  readonly counts: "fault" | "none";
}

async function release(
  context: Context,
  searches: Searches,
  { claim, fault, counts }: Release,
): Promise<AttemptEnd> {
  const { key, token, attempt } = claim;
  const record = toRecord(fault);
  const cause = { ...record, facts: { ...record.facts, token, attempt } };
  const isReleased = await ending(context, claim, () =>
    context.store.releaseUnit({ key, token, cause, counts }),
  );
  if (!isReleased) return "refused";
  const faults = counts === "fault" ? claim.faults + 1 : claim.faults;
  searches.of(key).free(key.unit, context.monotonic() + backOffMs(context.limits, faults));
  if (counts === "none") await announce(context, [key]);
  return "released";
}

async function commitFailure(
  context: Context,
  claim: Claim,
  cause: FaultRecord,
): Promise<AttemptEnd> {
  return (await commit(context, claim, { cause })) ? settled(context, claim) : "refused";
}

const commit = (context: Context, claim: Claim, result: UnitCommit["result"]): Promise<boolean> =>
  ending(context, claim, async () => {
    requireLease(context);
    const { key, token, epoch } = claim;
    return context.store.commitUnit({ key, token, epoch, at: context.now(), result });
  });

/** Held until the store has answered: of several units that are ended together the last one looks whether their phase is over. */
async function ending<T>({ claims }: Context, claim: Claim, end: () => Promise<T>): Promise<T> {
  try {
    return await end();
  } finally {
    claims.end(claim);
  }
}

/** Looks at the run only when the phase may be over, or because too many rows are rejected. */
async function settled(context: Context, claim: Claim): Promise<AttemptEnd> {
  const { incarnation, run } = claim.key;
  const isDue = (await mayBeOver(context, claim)) || (await hasRejectedTooMany(context, claim));
  if (isDue) await advance(context, { incarnation, run });
  return "committed";
}

const mayBeOver = async (context: Context, { key, units }: Claim): Promise<boolean> =>
  units === 1 || (!context.claims.holdsAnother(key) && (await context.store.mayBeOver(key, units)));

async function hasRejectedTooMany(context: Context, { key, task }: Claim): Promise<boolean> {
  const node = nodeNamed(await context.script(task.script), task.node);
  if (node.rejects?.max === undefined) return false;
  const { rejected } = await context.store.progress(key);
  return isOverRejectLimit(node, rejected);
}
