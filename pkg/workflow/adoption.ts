import type { NodePlan, SourceVersion, Verdict } from "./records.ts";

/**
 * What a retry takes over from the run it retries (SPEC.md, retries); a frozen document of the new run. Verdicts are those of
 * the retried run. A node that is not mentioned begins by its dependency policy.
 */
export interface Adoptions {
  readonly of: number;
  readonly nodes: Readonly<Record<string, Adoption>>;
}

export type Adoption = AdoptedNode | AdoptedUnits | FixedSources;

/** The whole result of a node. */
export interface AdoptedNode {
  readonly kind: "node";
  /** The run that executed it. */
  readonly run: number;
  readonly verdict: Verdict;
  readonly plan: NodePlan;
  readonly manifest: string;
  readonly warnings?: readonly string[];
}

/** The committed units of a node: all of the phases before `phase`, and those of `phase` that are not in `execute`. */
export interface AdoptedUnits {
  readonly kind: "units";
  /** The run that has their records. */
  readonly run: number;
  readonly verdict: Verdict;
  readonly plan: NodePlan;
  /** Position in plan.phases where the execution goes on; later phases are executed wholly. */
  readonly phase: number;
  readonly execute: readonly number[];
}

/** The node is executed wholly, but reads these tables of other runs, as it did before. */
export interface FixedSources {
  readonly kind: "sources";
  /** Source node → run. */
  readonly runs: Readonly<Record<string, number>>;
}

/** The verdict as one of run `run`: what was read in the retried run itself is the same table in the retry. */
export function rebasedVerdict(verdict: Verdict, of: number, run: number): Verdict {
  const { reader, lookup, evidence } = verdict;
  const rebased = (source: SourceVersion): SourceVersion =>
    source.run === of ? { ...source, run } : source;
  return {
    ...(reader ? { reader: rebased(reader) } : {}),
    ...(lookup ? { lookup: rebased(lookup) } : {}),
    evidence: [...evidence, `chosen by run ${of}, which is retried`],
  };
}

/** The units of the phase at that position that are taken over, out of the committed ones of the retried run. */
export function adoptedUnits<Unit extends { readonly unit: number }>(
  adoption: AdoptedUnits,
  phase: number,
  committed: readonly Unit[],
): readonly Unit[] {
  if (phase !== adoption.phase) return phase < adoption.phase ? committed : [];
  const execute = new Set(adoption.execute);
  return committed.filter(({ unit }) => !execute.has(unit));
}
