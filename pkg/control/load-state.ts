import { nodeNamed, type Script } from "#pkg/script";
import type { PhaseKey } from "#pkg/store";
import {
  isCounted,
  isOverRejectLimit,
  sourceNodes,
  type NodeRecord,
  type PhaseCounts,
  type RunFacts,
  type RunRecord,
  type WorkflowState,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import type { RunKey } from "./ports.ts";

/**
 * What the decision about a run needs, and no more. A run and its nodes are of one moment: a run read as ended has nodes that
 * are read as final. Undefined: there is no such run (any more).
 */
export async function loadState(context: Context, key: RunKey): Promise<WorkflowState | undefined> {
  const { store } = context;
  const found = await store.runWithNodes(key.incarnation, key.run);
  if (found === undefined) return undefined;
  const { run, nodes } = found;
  const script = await context.script(run.documents.script);
  const counts = await countsOf(context, script, run, nodes);
  const others = await otherRuns(context, run, sourcesWanted(script, run, nodes));
  const { retry } = run;
  const adoptions = retry === undefined ? undefined : await context.adoptions(retry.adoptions);
  return { script, run, nodes, counts, others, ...(adoptions ? { adoptions } : {}) };
}

async function countsOf(
  context: Context,
  script: Script,
  run: RunRecord,
  nodes: readonly NodeRecord[],
): Promise<ReadonlyMap<string, PhaseCounts>> {
  const counts = new Map<string, PhaseCounts>();
  if (run.state !== "running") return counts;
  for (const record of nodes) {
    const phase = record.plan?.phases[record.phase ?? 0];
    if (record.state !== "running" || phase === undefined) continue;
    const { incarnation, run, node } = record;
    const key = { incarnation, run, node, phase: phase.name };
    const progress = await context.store.progress(key);
    const isOver = isOverRejectLimit(nodeNamed(script, node), progress.rejected);
    counts.set(node, isOver ? { ...progress, inWork: await unitsInWork(context, key) } : progress);
  }
  return counts;
}

/** Those of processes that died are not in work: nobody will take them over. */
async function unitsInWork(context: Context, key: PhaseKey): Promise<number> {
  let count = 0;
  for (const { record } of await context.store.units(key))
    if (record.state === "running" && !(await context.isSessionDead(record.session))) count += 1;
  return count;
}

/** Source nodes of the nodes that still have to be decided. */
function sourcesWanted(
  script: Script,
  run: RunRecord,
  nodes: readonly NodeRecord[],
): ReadonlySet<string> {
  if (run.state !== "running") return new Set();
  const undecided = nodes.filter(
    ({ node, state }) => isCounted(run, node) && (state === "none" || state === "waiting"),
  );
  return new Set(undecided.flatMap(({ node }) => sourceNodes(script, nodeNamed(script, node))));
}

async function otherRuns(
  context: Context,
  current: RunRecord,
  sources: ReadonlySet<string>,
): Promise<readonly RunFacts[]> {
  if (sources.size === 0) return [];
  const { store } = context;
  const runs = await store.runs(current.incarnation);
  const concerned = runs.filter(
    ({ run, affected }) => run !== current.run && affected.some((node) => sources.has(node)),
  );
  const facts: RunFacts[] = [];
  for (const run of concerned)
    facts.push({ run, nodes: await store.nodes(run.incarnation, run.run) });
  return facts;
}

/** Other runs of the keyspace in which something waits: a change here may be what they wait for. */
export async function runsThatWait(context: Context, key: RunKey): Promise<readonly RunKey[]> {
  const { store } = context;
  const waiting: RunKey[] = [];
  for (const { run, state } of await store.runs(key.incarnation)) {
    if (run === key.run || state !== "running") continue;
    const nodes = await store.nodes(key.incarnation, run);
    if (nodes.some(({ state }) => state === "waiting"))
      waiting.push({ incarnation: key.incarnation, run });
  }
  return waiting;
}
