import type { RunWithNodes, UnitKey } from "#pkg/store";
import { advance } from "./advance.ts";
import { mayExecute } from "./claim-message.ts";
import { claimUnit, openPhase, unitKey, type OpenPhase } from "./claim-unit.ts";
import type { Context } from "./context.ts";
import type { Claim, Limits, RunKey } from "./ports.ts";
import { giveBack, hasRejectedTooMany } from "./reject-limit.ts";
import { openUnitSearch, type UnitSearch } from "./unit-search.ts";

/** What one process remembers about units while it looks for work. */
export interface Searches {
  of(key: Omit<UnitKey, "unit">): UnitSearch;
}

const KEPT_SEARCHES = 1000;

export function openSearches(context: Context): Searches {
  const kept = new Map<string, UnitSearch>();
  const settings = {
    offset: offsetOf(context.session),
    scanMs: context.limits.scanMs,
  };
  return {
    of({ incarnation, run, node, phase }) {
      const name = JSON.stringify([incarnation, run, node, phase]);
      const known = kept.get(name);
      if (known !== undefined) return known;
      if (kept.size >= KEPT_SEARCHES) kept.clear();
      const search = openUnitSearch(settings);
      kept.set(name, search);
      return search;
    },
  };
}

/** How long a unit rests after its n-th retryable fault. */
export const backOffMs = (limits: Limits, faults: number): number =>
  faults === 0 ? 0 : limits.backOffMs * 2 ** (faults - 1);

/** A place to begin that differs between sessions and is the same for one of them. */
function offsetOf(session: string): number {
  let hash = 7;
  for (let at = 0; at < session.length; at += 1)
    hash = (hash * 31 + session.charCodeAt(at)) % 1_000_003;
  return hash;
}

/**
 * A unit of the attended runs that this process now owns. When nothing can be claimed the runs are advanced, so that a step
 * that a dead process left undone is done by whoever looks for work next (P5). Undefined: nothing to do right now.
 */
export async function claimNext(
  context: Context,
  searches: Searches,
  runs: readonly RunKey[],
): Promise<Claim | undefined> {
  for (const key of runs) {
    let hasMoved = true;
    while (hasMoved) {
      const found = await context.store.runWithNodes(key.incarnation, key.run);
      if (found !== undefined && !mayExecute(found.run, context.session)) break;
      const claim = await claimInRun(context, searches, found);
      if (claim !== undefined) return claim;
      hasMoved = await advance(context, key);
    }
  }
  return undefined;
}

async function claimInRun(
  context: Context,
  searches: Searches,
  found: RunWithNodes | undefined,
): Promise<Claim | undefined> {
  if (found?.run.state !== "running") return undefined;
  for (const node of found.nodes) {
    const phase = openPhase(found.run, node);
    if (phase === undefined || (await hasRejectedTooMany(context, phase))) continue;
    const claim = await claimInPhase(context, searches.of(unitKey(phase, 0)), phase);
    if (claim !== undefined) return claim;
  }
  return undefined;
}

async function claimInPhase(
  context: Context,
  search: UnitSearch,
  phase: OpenPhase,
): Promise<Claim | undefined> {
  for (let hasListed = false; ;) {
    const at = context.monotonic();
    const unit = search.next(phase.units, at);
    if (unit !== undefined) {
      const result = await claimUnit(context, phase, unit);
      if (typeof result === "string") {
        search.refused(phase.units);
        continue;
      }
      // Looked at again after the claim: a plan that did not see this unit in work may just have failed the node.
      if (!(await hasRejectedTooMany(context, phase))) return result;
      await giveBack(context, result);
      return undefined;
    }
    if (hasListed || !search.mayList(at)) return undefined;
    hasListed = true;
    const open = await context.store.unfinished(unitKey(phase, 0), phase.units);
    search.listed(phase.units, open, at);
    for (const { unit, record } of open)
      if (record !== undefined && record.session !== context.session)
        if (await context.isSessionDead(record.session)) search.free(unit, at);
  }
}
