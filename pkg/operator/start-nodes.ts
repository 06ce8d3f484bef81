import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";

const quoted = (text: string): string => `"${text}"`;

/** Throws START_NODES, with the nearest name or all of them, when somebody names a node that is not there. */
export function checkNames(all: readonly string[], wanted: readonly string[]): void {
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length === 0) return;
  const near = unknown.map((name) => suggestion(name, all)).find((name) => name !== undefined);
  throw new Fault("START_NODES", `there is no node ${unknown.map(quoted).join(", ")}`, {
    facts: { unknown, nodes: all },
    hint: near === undefined ? `Nodes are: ${all.join(", ")}.` : `Did you mean "${near}"?`,
  });
}
