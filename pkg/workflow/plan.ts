import { nodeNamed, type Script, type ScriptNode } from "#pkg/script";
import { toRecord, type FaultRecord } from "#pkg/fault";
import type { NodeRecord, RunRecord } from "./records.ts";
import { isOverRejectLimit, tooManyRejected } from "./reject-limit.ts";
import { isCounted, isFinalNode, runOutcome } from "./status.ts";
import { decideSources, type RunFacts, type SourceChoice } from "./verdict.ts";
import { unitsOf } from "./manifest.ts";
import type { Adoption, Adoptions, AdoptedNode, AdoptedUnits } from "./adoption.ts";

/** How many units of a node's current phase are final, repeats for lost outputs included. */
export interface PhaseCounts {
  readonly succeeded: number;
  readonly failed: number;
  /** Rows rejected by those that succeeded; absent: none. */
  readonly rejected?: number;
  /** Units in work in processes that live; known only when too many rows were rejected, because then no more are claimed. */
  readonly inWork?: number;
}

/** Everything advance decides on. `others` may be left out when no node is undecided. */
export interface WorkflowState {
  readonly script: Script;
  readonly run: RunRecord;
  /** In the order of run.affected. */
  readonly nodes: readonly NodeRecord[];
  readonly others: readonly RunFacts[];
  /** By node, for running nodes. */
  readonly counts: ReadonlyMap<string, PhaseCounts>;
  /** Of a retry. */
  readonly adoptions?: Adoptions;
}

/** One step that is due. Executing it twice, or after somebody else did, changes nothing (W3). */
export type Action =
  | {
      readonly kind: "open";
      readonly node: string;
      readonly sources: readonly SourceChoice[];
      readonly evidence: readonly string[];
      readonly warnings: readonly string[];
    }
  /** A retry takes over the result of the node, or opens it with the units that it takes over. */
  | { readonly kind: "adopt"; readonly node: string; readonly adoption: AdoptedNode }
  | { readonly kind: "continue"; readonly node: string; readonly adoption: AdoptedUnits }
  | { readonly kind: "wait"; readonly node: string; readonly reason: string }
  | { readonly kind: "skip"; readonly node: string; readonly cause: FaultRecord }
  | { readonly kind: "fail"; readonly node: string; readonly cause: FaultRecord }
  /** All units of the phase are final, some failed: the node fails with the cause of one of them. */
  | { readonly kind: "failUnits"; readonly node: string }
  | { readonly kind: "nextPhase"; readonly node: string }
  /** All phases are done: manifest, then success or publishing. */
  | { readonly kind: "conclude"; readonly node: string }
  | { readonly kind: "publish"; readonly node: string }
  | { readonly kind: "stop"; readonly node: string }
  | { readonly kind: "complete"; readonly outcome: NonNullable<RunRecord["outcome"]> };

/** The steps of the run that are due now; pure, so that two who see the same state decide the same. */
export function plan(state: WorkflowState): readonly Action[] {
  const { run, nodes } = state;
  if (run.state === "complete") return [];
  const counted = nodes.filter(({ node }) => isCounted(run, node));
  const unfinished = counted.filter(({ state }) => !isFinalNode(state));
  if (run.state === "stopped") return unfinished.map(({ node }) => ({ kind: "stop", node }));
  if (unfinished.length === 0) return [{ kind: "complete", outcome: runOutcome(counted) }];
  return unfinished.flatMap((node) => stepOf(node, state) ?? []);
}

/** What an unfinished node needs next. */
function stepOf(record: NodeRecord, state: WorkflowState): Action | undefined {
  if (record.state === "running") return phaseStep(record, state);
  if (record.state === "publishing") return { kind: "publish", node: record.node };
  return beginStep(record, state);
}

function beginStep(record: NodeRecord, state: WorkflowState): Action | undefined {
  const { script, run, nodes, others } = state;
  const { node } = record;
  const adoption = adoptionOf(state, node);
  if (adoption?.kind === "node") return { kind: "adopt", node, adoption };
  if (adoption?.kind === "units") return { kind: "continue", node, adoption };
  const facts = {
    script,
    current: { run, nodes },
    others,
    ...(adoption ? { fixed: adoption.runs } : {}),
  };
  const decision = decideSources(nodeNamed(script, node), facts);
  if (decision.kind === "nogo") return { kind: "skip", node, cause: decision.cause };
  if (decision.kind === "fail") return { kind: "fail", node, cause: decision.cause };
  if (decision.kind === "go") {
    const { sources, evidence, warnings } = decision;
    return { kind: "open", node, sources, evidence, warnings };
  }
  const { reason } = decision;
  const isSaid = record.state === "waiting" && record.reason === reason;
  return isSaid ? undefined : { kind: "wait", node, reason };
}

function adoptionOf({ adoptions }: WorkflowState, node: string): Adoption | undefined {
  return adoptions !== undefined && Object.hasOwn(adoptions.nodes, node)
    ? adoptions.nodes[node]
    : undefined;
}

function phaseStep(record: NodeRecord, { script, counts: all }: WorkflowState): Action | undefined {
  const { node, plan, phase = 0 } = record;
  const current = plan?.phases[phase];
  const counts = all.get(node);
  if (plan === undefined || current === undefined || counts === undefined) return undefined;
  const scriptNode = nodeNamed(script, node);
  if (isOverRejectLimit(scriptNode, counts.rejected ?? 0)) return limitStep(scriptNode, counts);
  if (counts.succeeded + counts.failed < unitsOf(record, current.name)) return undefined;
  if (counts.failed > 0) return { kind: "failUnits", node };
  return { kind: phase + 1 < plan.phases.length ? "nextPhase" : "conclude", node };
}

/** Units in work end first: a final node has no attempt that still writes. */
const limitStep = (node: ScriptNode, { inWork = 0 }: PhaseCounts): Action | undefined =>
  inWork > 0
    ? undefined
    : { kind: "fail", node: node.name, cause: toRecord(tooManyRejected(node)) };
