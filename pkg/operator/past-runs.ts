import type { ControlStore, RunSummary } from "#pkg/store";
import {
  isCounted,
  isFinalNode,
  isSameScript,
  remainingTime,
  scriptName,
  scriptPlace,
  unitsOf,
  type NodeProgress,
  type NodeRecord,
  type PastRun,
  type Range,
  type RunRecord,
} from "#pkg/workflow";

const NEWEST = 10;

/** A run that succeeded, as estimates need it. */
export interface Past extends PastRun {
  readonly nodes: RunSummary["nodes"];
}

/** The newest successful runs of a script, in whatever keyspace, without the run that asks. */
export async function pastRuns(
  store: ControlStore,
  asked: Pick<RunRecord, "scriptUrl" | "folder" | "affected">,
  except?: Pick<RunRecord, "incarnation" | "run">,
): Promise<readonly Past[]> {
  const summaries = await store.summaries(scriptName(asked.scriptUrl));
  const traits = { scriptUrl: scriptPlace(asked), nodes: asked.affected };
  return summaries
    .filter(
      ({ outcome, incarnation, run, nodes, scriptUrl: url }) =>
        outcome === "succeeded" &&
        isSameScript(traits, { scriptUrl: url, nodes: nodes.map(({ node }) => node) }) &&
        // A retry that took results over was quicker than the work is.
        nodes.every(({ adopted }) => adopted !== true) &&
        !(incarnation === except?.incarnation && run === except.run),
    )
    .slice(0, NEWEST)
    .map(({ nodes, startedAt, endedAt }) => ({ nodes, elapsedMs: endedAt - startedAt }));
}

/** Time that an unfinished run still needs, judged by earlier ones; undefined when there are fewer than three like it. */
export async function estimateRun(
  store: ControlStore,
  run: RunRecord,
  past: readonly PastRun[],
): Promise<Range | undefined> {
  const nodes = await store.nodes(run.incarnation, run.run);
  const progress: NodeProgress[] = [];
  for (const node of nodes)
    if (isCounted(run, node.node))
      progress.push({ node: node.node, done: await shareOfNode(store, node) });
  return remainingTime(past, progress);
}

/** Phases count alike, and inside the open one its units. */
async function shareOfNode(store: ControlStore, node: NodeRecord): Promise<number> {
  if (isFinalNode(node.state)) return 1;
  const phases = node.plan?.phases ?? [];
  const current = phases[node.phase ?? 0];
  if (current === undefined) return 0;
  if (node.state === "publishing") return 1;
  const { succeeded, failed } = await store.progress({ ...node, phase: current.name });
  const ofPhase = (succeeded + failed) / Math.max(1, unitsOf(node, current.name));
  return ((node.phase ?? 0) + Math.min(1, ofPhase)) / phases.length;
}
