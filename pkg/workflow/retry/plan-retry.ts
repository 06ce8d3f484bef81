import type { ScriptNode } from "#pkg/script";
import { plannedUnits } from "../manifest.ts";
import type { NodePlan, NodeRecord, Verdict } from "../records.ts";
import type { AdoptedNode } from "../adoption.ts";
import { openUnits, type OpenUnits } from "./adoptable-units.ts";
import { areChecksChanged } from "./content-changes.ts";
import { chooseAction, sourceStep, type Choice } from "./choose-action.ts";
import { nodeOf, openRetryContext, type RetryContext } from "./context.ts";
import {
  isStopped,
  refuseChanges,
  refuseMissingSource,
  refuseStoppedSource,
  refuseUnknownBatches,
  requireFiles,
  stoppedSource,
} from "./refusals.ts";
import { changedFileUnits, filesRead } from "./files-read.ts";
import type { RetriedNode, RetryFacts, RetryPlan, RetryRequest, RetryStep } from "./retry-plan.ts";

/**
 * What a retry takes over and what it executes, and why; every reason against it at once (SPEC.md, retries). Pure: who sees
 * the same facts plans the same.
 */
export function planRetry(facts: RetryFacts, request: RetryRequest): RetryPlan {
  const context = openRetryContext(facts, request);
  const { run } = facts;
  if (run.state === "stopped" && run.outcome !== undefined && request.size.kind !== "all")
    context.refusals.push({
      reason: `run ${run.run} was invalidated: ${run.comment || "no comment"}; its results are not taken over`,
      hint: "Execute all of it again with --all.",
    });
  for (const name of facts.affected) context.steps.set(name, stepOf(context, name));
  return { steps: [...context.steps.values()], refusals: context.refusals };
}

function stepOf(context: RetryContext, name: string): RetryStep {
  const choice = chooseAction(context, name);
  const retried = context.facts.nodes.get(name);
  if (choice.action === "leave") return step(name, "leave", choice.reason);
  if (choice.action === "adopt" && retried !== undefined) return adopted(context, name, retried);
  if (choice.action === "complete" && retried !== undefined)
    return completed(context, retried, choice);
  return executed(context, name, choice.reason);
}

const step = (node: string, action: RetryStep["action"], reason: string): RetryStep => ({
  node,
  action,
  reason,
  adopted: 0,
  units: [],
  files: [],
});

/** A node that succeeded has left plan, verdict and manifest. */
type Succeeded = NodeRecord & Required<Pick<NodeRecord, "plan" | "verdict" | "manifest">>;

function adopted(context: RetryContext, name: string, retried: RetriedNode): RetryStep {
  if (changedFileUnits(context, name).size > 0)
    return completed(context, retried, { action: "complete", reason: "files changed since" });
  if (judgesDifferently(context, name))
    return completed(context, retried, { action: "complete", reason: "its checks differ" });
  const { plan, verdict, manifest, warnings, adopted } = retried.record as Succeeded;
  const run = adopted?.run ?? context.of;
  refuseChanges(context, name, `its result of run ${run}`);
  refuseStoppedSource(context, name, verdict);
  const adoption: AdoptedNode = {
    kind: "node",
    run,
    verdict,
    plan,
    manifest,
    ...(warnings ? { warnings } : {}),
  };
  return { ...step(name, "adopt", `succeeded in run ${run}`), adopted: plan.batches, adoption };
}

/** Takes over what is committed and executes the rest, or executes all when nothing can be taken over. */
function completed(context: RetryContext, retried: RetriedNode, choice: Choice): RetryStep {
  const { node: name, verdict, adopted } = retried.record;
  const plan = withChecks(retried.record.plan, nodeOf(context, name));
  const whole = (why: string): RetryStep => executed(context, name, `${choice.reason}; ${why}`);
  if (plan === undefined || verdict === undefined) return whole("it had not begun");
  const again = new Map(changedFileUnits(context, name));
  for (const unit of choice.only ?? []) again.set(unit, "asked for");
  const obstacle = obstacleOf(context, retried.record, { plan, verdict, again });
  if (obstacle !== undefined) return whole(obstacle);
  refuseUnknownBatches(context, name, { plan, again });
  const open = openUnits(plan, retried.units, { of: context.of, again });
  if (open.adopted === 0) return whole(`no ${again.size > 0 ? "other " : ""}batch was committed`);
  refuseChanges(context, name, `its committed batches of run ${context.of}`);
  const files = filesRead(nodeOf(context, name), plan, { units: retried.units, open });
  requireFiles(context, name, files);
  const { phase } = open;
  const execute = open.units.map(({ unit }) => unit);
  return {
    ...step(name, "continue", choice.reason),
    adopted: adoptedBatches(plan, open),
    units: open.units,
    files,
    adoption: { kind: "units", run: adopted?.run ?? context.of, verdict, plan, phase, execute },
  };
}

function judgesDifferently({ facts }: RetryContext, name: string): boolean {
  const earlier = facts.before.nodes.find((node) => node.name === name);
  const now = facts.script.nodes.find((node) => node.name === name);
  return earlier !== undefined && now !== undefined && areChecksChanged(earlier, now);
}

/** The plan that the node had, with or without a phase for the checks that it has now. */
function withChecks(plan: NodePlan | undefined, { checks }: ScriptNode): NodePlan | undefined {
  if (plan === undefined) return undefined;
  const phases = plan.phases.filter(({ name }) => name !== "check");
  if (checks !== undefined) phases.push({ name: "check", units: 1 });
  return { ...plan, phases };
}

/** A node that had begun, and the units of it to execute whatever became of them. */
interface Begun {
  readonly plan: NodePlan;
  readonly verdict: Verdict;
  readonly again: ReadonlyMap<number, string>;
}

/** Why nothing of a node can be taken over although batches of it are committed. */
function obstacleOf(
  context: RetryContext,
  { node: name, state }: NodeRecord,
  { plan, verdict, again }: Begun,
): string | undefined {
  if (nodeOf(context, name).kind === "table_file") return "files are made together or not at all";
  const source = sourceStep(context, name, ["execute", "continue"]);
  if (source !== undefined) return `its source "${source.node}" is executed again`;
  const stopped = stoppedSource(context, verdict);
  if (stopped !== undefined) return `it read run ${stopped}, which was stopped`;
  const isSplit = plan.phases.some(({ name }) => name === "split");
  if (isSplit && changedFileUnits(context, name).size > 0) return "its ranges are other ones now";
  const hasSteps = plan.phases[0]?.name !== "rows";
  return state === "success" && hasSteps && again.size > 0
    ? "what came before its batches is gone"
    : undefined;
}

function executed(context: RetryContext, name: string, reason: string): RetryStep {
  const node = nodeOf(context, name);
  const files = node.kind === "file_table" ? node.reader.urls.map((_, at) => at) : [];
  requireFiles(context, name, files);
  const runs = fixedSources(context, name);
  refuseMissingSource(context, name, runs);
  const isFixed = Object.keys(runs).length > 0;
  return {
    ...step(name, "execute", reason),
    files,
    ...(isFixed ? { adoption: { kind: "sources", runs } as const } : {}),
  };
}

/** Tables of other runs that the node reads as it did; what is in the retry itself, the policy finds there. */
function fixedSources(context: RetryContext, name: string): Readonly<Record<string, number>> {
  const verdict = context.facts.nodes.get(name)?.record.verdict;
  const runs: Record<string, number> = {};
  for (const version of [verdict?.reader, verdict?.lookup]) {
    if (version === undefined) continue;
    const step = context.steps.get(version.node);
    const isInRetry = step !== undefined && step.action !== "leave";
    if (!isInRetry && !isStopped(context, version.run)) runs[version.node] = version.run;
  }
  return runs;
}

function adoptedBatches(plan: NodePlan, open: OpenUnits): number {
  const rows = plan.phases.findIndex(({ name }) => name === "rows");
  const units = plannedUnits(plan, "rows");
  if (open.phase < rows) return 0;
  return open.phase > rows ? units : units - open.units.length;
}
