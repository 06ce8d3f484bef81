import { nodeNamed, sourcesOf, type Script, type ScriptNode } from "#pkg/script";

/** The nodes whose tables a node reads: its reader's first, then its lookup's. */
export function sourceNodes(script: Script, node: ScriptNode): readonly string[] {
  const { reader, lookup } = sourcesOf(script, node);
  return [reader, lookup].filter((name) => name !== undefined);
}

/** All nodes of the script, sources before readers, otherwise in script order. */
export function topologicalNodes(script: Script): readonly string[] {
  const order: string[] = [];
  const placed = new Set<string>();
  let waiting = script.nodes;
  while (waiting.length > 0) {
    const later: ScriptNode[] = [];
    for (const node of waiting) {
      if (sourceNodes(script, node).every((source) => placed.has(source))) {
        placed.add(node.name);
        order.push(node.name);
      } else later.push(node);
    }
    if (later.length === waiting.length) break;
    waiting = later;
  }
  return order;
}

/**
 * The nodes a run executes, sources before readers (spec/workflow.md 3.2, latest): the start nodes and what is below them,
 * without the nodes that some path from a start node reaches only through a manual node that was not itself started.
 */
export function affectedNodes(script: Script, startNodes: readonly string[]): readonly string[] {
  const started = new Set(startNodes);
  const reached = new Set<string>();
  const blocked = new Set<string>();
  const affected: string[] = [];
  for (const name of topologicalNodes(script)) {
    const node = nodeNamed(script, name);
    const sources = sourceNodes(script, node);
    const above = sources.filter((source) => reached.has(source));
    const isBlocked =
      above.length > 0 &&
      (node.startPolicy === "manual" ||
        above.some((source) => blocked.has(source) && !started.has(source)));
    if (above.length > 0 || started.has(name)) reached.add(name);
    if (isBlocked) blocked.add(name);
    const entered = !isBlocked && sources.some((source) => affected.includes(source));
    if (started.has(name) || entered) affected.push(name);
  }
  return affected;
}
