import { Fault, toRecord } from "#pkg/fault";
import { nodeNamed } from "#pkg/script";
import { isOverRejectLimit } from "#pkg/workflow";
import { unitKey, type OpenPhase } from "./claim-unit.ts";
import type { Context } from "./context.ts";
import type { Claim } from "./ports.ts";

/** Such a node fails as soon as its units in work have ended; it gets no others. */
export async function hasRejectedTooMany(context: Context, phase: OpenPhase): Promise<boolean> {
  const node = nodeNamed(await context.script(phase.run.documents.script), phase.node.node);
  if (node.rejects?.max === undefined) return false;
  const { rejected } = await context.store.progress(unitKey(phase, 0));
  return isOverRejectLimit(node, rejected);
}

/**
 * Looked at again after the claim: a plan that did not see these units in work may just have failed the node. Then they are given
 * back and none is left.
 */
export async function unlessRejectedTooMany(
  context: Context,
  phase: OpenPhase,
  claims: readonly Claim[],
): Promise<readonly Claim[]> {
  if (claims.length === 0 || !(await hasRejectedTooMany(context, phase))) return claims;
  await Promise.all(claims.map((claim) => giveBack(context, claim)));
  return [];
}

async function giveBack({ store, claims }: Context, claim: Claim): Promise<void> {
  claims.end(claim);
  const { key, token } = claim;
  const cause = toRecord(new Fault("STOPPED", "the node has rejected too many rows"));
  await store.releaseUnit({ key, token, cause, counts: "none" });
}
