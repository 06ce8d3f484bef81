import type { Script } from "#pkg/script";
import type { ControlStore } from "#pkg/store";
import { isCounted, nodeCode, type RunRecord } from "#pkg/workflow";

/** The status of every node of a run in the reference's codes, as its histories show it; 0 for nodes that it does not touch. */
export async function nodeStatuses(
  store: ControlStore,
  run: RunRecord,
): Promise<ReadonlyMap<string, number>> {
  const nodes = await store.nodes(run.incarnation, run.run);
  return new Map(
    nodes.map(({ node, state }) => [node, isCounted(run, node) ? nodeCode(state) : 0]),
  );
}

/** The script as the run froze it. */
export const scriptOfRun = async (store: ControlStore, run: RunRecord): Promise<Script> =>
  JSON.parse(await store.document(run.documents.script)) as Script;
