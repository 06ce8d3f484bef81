import { nodeNamed, type ScriptNode } from "#pkg/script";
import { sourceNodes } from "../affected-nodes.ts";
import type {
  RetriedNode,
  RetryFacts,
  RetryRefusal,
  RetryRequest,
  RetryStep,
} from "./retry-plan.ts";

/** What the parts of one planning share. `steps` and `refusals` grow in the order of the nodes. */
export interface RetryContext {
  readonly facts: RetryFacts;
  readonly request: RetryRequest;
  /** The run that is retried. */
  readonly of: number;
  readonly steps: Map<string, RetryStep>;
  readonly refusals: RetryRefusal[];
  /** Sources of a node among the nodes of the retry. */
  readonly sourcesOf: (name: string) => readonly string[];
}

export function openRetryContext(facts: RetryFacts, request: RetryRequest): RetryContext {
  const affected = new Set(facts.affected);
  return {
    facts,
    request,
    of: facts.run.run,
    steps: new Map(),
    refusals: [],
    sourcesOf: (name) =>
      sourceNodes(facts.script, nodeNamed(facts.script, name)).filter((source) =>
        affected.has(source),
      ),
  };
}

export const nodeOf = ({ facts }: RetryContext, name: string): ScriptNode =>
  nodeNamed(facts.script, name);

/** It failed, or has batches that did although its run was stopped. */
export const isFailedNode = ({ record, units }: RetriedNode): boolean =>
  record.state === "fail" ||
  Object.values(units)
    .flat()
    .some(({ record }) => record.state === "fail");
