import { scriptName, scriptPlace, type NodeRecord, type RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";

/**
 * Writes what later comparisons and estimates need. It comes before the run ends and again when a stop changes the outcome,
 * so that no crash leaves an ended run without one.
 */
export async function summarise(
  context: Context,
  run: RunRecord,
  nodes: readonly NodeRecord[],
): Promise<void> {
  const endedAt = run.endedAt ?? context.now();
  const lines = [];
  for (const { node, state, manifest, startedAt = endedAt, ...record } of nodes) {
    const elapsedMs = (record.endedAt ?? endedAt) - startedAt;
    const adopted = (await isTakenOver(context, run, node)) ? { adopted: true } : {};
    if (manifest === undefined) {
      lines.push({ node, state, rows: 0, elapsedMs, ...adopted });
      continue;
    }
    const { rows, bytes, batches } = await context.store.manifest(run.incarnation, manifest);
    lines.push({ node, state, rows, bytes, batches: batches.length, elapsedMs, ...adopted });
  }
  await context.store.putSummary({
    scriptName: scriptName(run.scriptUrl),
    scriptUrl: scriptPlace(run),
    scriptHash: run.documents.script,
    keyspace: run.keyspace,
    incarnation: run.incarnation,
    run: run.run,
    outcome: run.state === "stopped" ? "stopped" : (run.outcome ?? "failed"),
    startedAt: run.startedAt,
    endedAt,
    nodes: lines,
  });
}

/** Its time says nothing about how long the node takes. */
async function isTakenOver(context: Context, { retry }: RunRecord, node: string): Promise<boolean> {
  if (retry === undefined) return false;
  const kind = (await context.adoptions(retry.adoptions)).nodes[node]?.kind;
  return kind === "node" || kind === "units";
}
