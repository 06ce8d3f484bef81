import type { Adoption, Adoptions } from "../adoption.ts";
import type { FrozenInput } from "../records.ts";
import { filesOf } from "./changed-files.ts";
import { isExecuting, type RetryFacts, type RetryPlan } from "./retry-plan.ts";

/** What a planned retry becomes as a run. */
export interface RetryRun {
  readonly affected: readonly string[];
  /** Nodes that are executed, wholly or in part. */
  readonly executed: readonly string[];
  readonly adoptions: Adoptions;
  /** Of a file that is read again: as it is now; of a batch that is taken over: as it was when it was read. */
  readonly inputs: readonly FrozenInput[];
}

export function retryRun(facts: RetryFacts, { steps }: RetryPlan): RetryRun {
  const nodes: Record<string, Adoption> = {};
  for (const { node, adoption } of steps) if (adoption !== undefined) nodes[node] = adoption;
  const inputs = steps
    .filter(({ action }) => action !== "leave")
    .flatMap(({ node, files }) => {
      const { before, now } = filesOf(facts.inputs, node);
      return now.map((found, at) =>
        files.includes(at) ? found : (before.find(({ url }) => url === found.url) ?? found),
      );
    });
  return {
    affected: steps.filter(({ action }) => action !== "leave").map(({ node }) => node),
    executed: steps.filter(isExecuting).map(({ node }) => node),
    adoptions: { of: facts.run.run, nodes },
    inputs,
  };
}
