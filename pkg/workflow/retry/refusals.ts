import { plannedUnits } from "../manifest.ts";
import type { NodePlan, Verdict } from "../records.ts";
import { changeOf, filesOf } from "./changed-files.ts";
import { contentChanges } from "./content-changes.ts";
import { nodeOf, type RetryContext } from "./context.ts";

/** The retried run itself may have been stopped: what it committed before counts. */
export const isStopped = ({ facts, of }: RetryContext, run: number): boolean =>
  run !== of && facts.stopped.has(run);

export const stoppedSource = (
  context: RetryContext,
  { reader, lookup }: Verdict,
): number | undefined =>
  [reader, lookup].find((version) => version !== undefined && isStopped(context, version.run))?.run;

export function refuseStoppedSource(context: RetryContext, node: string, verdict: Verdict): void {
  const run = stoppedSource(context, verdict);
  if (run === undefined) return;
  context.refusals.push({
    node,
    reason: `was made from the table of run ${run}, which was stopped since`,
    hint: `Execute it again with --node ${node} --below.`,
  });
}

const MOST_PATHS = 3;

export function refuseChanges(context: RetryContext, name: string, what: string): void {
  const { before, script } = context.facts;
  const earlier = before.nodes.find((node) => node.name === name);
  if (earlier === undefined || before === script) return;
  const changes = contentChanges(earlier, nodeOf(context, name));
  if (changes.length === 0) return;
  const shown = changes.slice(0, MOST_PATHS).join(", ");
  const more = changes.length > MOST_PATHS ? ` and ${changes.length - MOST_PATHS} more` : "";
  context.refusals.push({
    node: name,
    reason: `the script differs in ${shown}${more}: ${what}, made with the old one, would stay`,
    hint: `Execute the node again with --node ${name} --below.`,
  });
}

/** A node cannot run without what it reads. */
export function refuseMissingSource(
  context: RetryContext,
  name: string,
  fixed: Readonly<Record<string, number>>,
): void {
  for (const source of context.sourcesOf(name))
    if (context.steps.get(source)?.action === "leave" && !Object.hasOwn(fixed, source))
      context.refusals.push({
        node: name,
        reason: `reads "${source}", which did not succeed in run ${context.of} and is not executed`,
        hint: `Execute both: --node ${source},${name}.`,
      });
}

export function refuseUnknownBatches(
  { refusals }: RetryContext,
  node: string,
  { plan, again }: { readonly plan: NodePlan; readonly again: ReadonlyMap<number, string> },
): void {
  const batches = plannedUnits(plan, "rows");
  for (const unit of again.keys())
    if (unit >= batches)
      refusals.push({
        node,
        reason: `has no batch ${unit}`,
        hint: `Its batches are 0 to ${batches - 1}.`,
      });
}

/**
 * Batches that are executed again must read what the others were made from: a file that changed or went away since the
 * retried run began is refused, unless the retry is to take files as they are now. A file that was missing then was never
 * read, so whatever is there now is right.
 */
export function requireFiles(context: RetryContext, name: string, files: readonly number[]): void {
  if (context.request.changedFiles) return;
  const facts = filesOf(context.facts.inputs, name);
  for (const at of files) {
    const change = changeOf(facts, at);
    if (change === undefined) continue;
    const { url } = change;
    context.refusals.push({
      node: name,
      reason:
        change.kind === "gone"
          ? `${url} is gone since run ${context.of} was started`
          : `${url} is not what it was when run ${context.of} was started`,
      hint: "Bring the file back, or read files as they are now with --changed-files.",
    });
  }
}
