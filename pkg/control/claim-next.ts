import type { RunWithNodes, UnitKey } from "#pkg/store";
import { advance } from "./advance.ts";
import { mayExecute } from "./claim-message.ts";
import { claimUnits, mostAtOnce, openPhase, unitKey, type OpenPhase } from "./claim-unit.ts";
import type { Context } from "./context.ts";
import type { Claim, Limits, MostUnits, RunKey } from "./ports.ts";
import { hasRejectedTooMany, unlessRejectedTooMany } from "./reject-limit.ts";
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

/** Where and how much is claimed. */
interface Wanted {
  readonly runs: readonly RunKey[];
  readonly most: MostUnits;
}

/**
 * Units of one phase of the attended runs that this process now owns. When nothing can be claimed the runs are advanced, so that a
 * step that a dead process left undone is done by whoever looks for work next (P5). None: nothing to do right now.
 */
export async function claimNext(
  context: Context,
  searches: Searches,
  { runs, most }: Wanted,
): Promise<readonly Claim[]> {
  for (const key of runs) {
    let hasMoved = true;
    while (hasMoved) {
      const found = await context.store.runWithNodes(key.incarnation, key.run);
      if (found !== undefined && !mayExecute(found.run, context.session)) break;
      const claims = await claimInRun(context, found, { searches, most });
      if (claims.length > 0) return claims;
      hasMoved = await advance(context, key);
    }
  }
  return [];
}

interface Search {
  readonly searches: Searches;
  readonly most: MostUnits;
}

async function claimInRun(
  context: Context,
  found: RunWithNodes | undefined,
  search: Search,
): Promise<readonly Claim[]> {
  if (found?.run.state !== "running") return [];
  for (const node of found.nodes) {
    const phase = openPhase(found.run, node);
    if (phase === undefined || (await hasRejectedTooMany(context, phase))) continue;
    const claims = await claimInPhase(context, phase, search);
    if (claims.length > 0) return claims;
  }
  return [];
}

async function claimInPhase(
  context: Context,
  phase: OpenPhase,
  { searches, most }: Search,
): Promise<readonly Claim[]> {
  const key = unitKey(phase, 0);
  const search = searches.of(key);
  const atOnce = await mostAtOnce(context, phase, most);
  for (let hasListed = false; ;) {
    const at = context.monotonic();
    const units = search.next(phase.units, atOnce, at);
    if (units.length > 0) {
      const { claims, isRefused } = await claimUnits(context, phase, units);
      if (isRefused) search.refused(phase.units);
      if (claims.length > 0) return unlessRejectedTooMany(context, phase, claims);
      continue;
    }
    if (hasListed || !search.mayList(at)) return [];
    hasListed = true;
    const open = await context.store.unfinished(key, phase.units);
    search.listed(phase.units, open, at);
    for (const { unit, record } of open)
      if (record !== undefined && record.session !== context.session)
        if (await context.isSessionDead(record.session)) search.free(unit, at);
  }
}
