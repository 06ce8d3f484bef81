import { nodeNamed } from "#pkg/script";
import {
  isCounted,
  isFinalNode,
  plan,
  sourceNodes,
  type RunRecord,
  type WorkflowState,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import { loadState } from "./load-state.ts";
import type { RunKey } from "./ports.ts";

/** What a running run waits for, in words, one line a node (P4); undefined while no node waits. */
export async function waitingReason(context: Context, key: RunKey): Promise<string | undefined> {
  const nodes = await context.store.nodes(key.incarnation, key.run);
  const lines = nodes
    .filter(({ state }) => state === "waiting")
    .map(({ node, reason }) => `node "${node}" ${reason ?? "waits"}`);
  return lines.length > 0 ? lines.join("\n") : undefined;
}

/**
 * Nothing in the run can move any more without an approval or something that another run brings, and no other run that
 * somebody works on could bring it (design 4.2 a).
 */
export async function isStuck(context: Context, key: RunKey): Promise<boolean> {
  const state = await loadState(context, key);
  if (state?.run.state !== "running" || plan(state).length > 0) return false;
  const { run, nodes } = state;
  const unfinished = nodes.filter(({ node, state }) => isCounted(run, node) && !isFinalNode(state));
  if (unfinished.some(({ state }) => state !== "waiting")) return false;
  for (const other of othersThatMatter(state)) if (await isAttended(context, other)) return false;
  return true;
}

/** Running runs of the keyspace that affect a source of a waiting node. */
function othersThatMatter({ script, nodes, others }: WorkflowState): readonly RunRecord[] {
  const waiting = nodes.filter(({ state }) => state === "waiting");
  const sources = new Set(
    waiting.flatMap(({ node }) => sourceNodes(script, nodeNamed(script, node))),
  );
  return others
    .map(({ run }) => run)
    .filter(({ state, affected }) => state === "running" && affected.some((n) => sources.has(n)));
}

async function isAttended(context: Context, { executors }: RunRecord): Promise<boolean> {
  if (executors.length === 0) return true;
  for (const session of executors) if (!(await context.isSessionDead(session))) return true;
  return false;
}
