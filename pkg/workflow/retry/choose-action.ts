import { isFailedNode, type RetryContext } from "./context.ts";
import type { RetriedNode, RetryStep } from "./retry-plan.ts";

/** What the size of the retry asks for, before it is known what can be taken over. */
export interface Choice {
  /** `complete`: execute what has no committed result; `only`: units to execute whatever became of them. */
  readonly action: "adopt" | "complete" | "execute" | "leave";
  readonly reason: string;
  readonly only?: readonly number[];
}

const choice = (action: Choice["action"], reason: string): Choice => ({ action, reason });

/** Sources come first, so what happens to them is known. */
export function chooseAction(context: RetryContext, name: string): Choice {
  const { size } = context.request;
  const executed = sourceStep(context, name, ["execute", "continue"]);
  if (size.kind === "all") return choice("execute", "everything is executed again");
  if (size.kind === "unfinished") return chooseUnfinished(context, name, executed);
  if (size.kind === "nodes")
    return size.nodes.includes(name)
      ? choice("execute", "asked for")
      : chooseBeside(context, name, size.below ? executed : undefined);
  const only = Object.hasOwn(size.batches, name) ? size.batches[name] : undefined;
  return executed === undefined && only !== undefined
    ? { action: "complete", reason: "batches asked for", only }
    : chooseBeside(context, name, executed);
}

/** A node that was not named: taken over when it stands, executed when it must follow, else not part of the retry. */
function chooseBeside(
  context: RetryContext,
  name: string,
  followed: RetryStep | undefined,
): Choice {
  const executed = sourceStep(context, name, ["execute", "continue"]);
  const left = sourceStep(context, name, ["leave"]);
  if (followed !== undefined && left === undefined)
    return choice("execute", `its source "${followed.node}" is executed again`);
  const state = context.facts.nodes.get(name)?.record.state;
  if (executed !== undefined)
    return choice(
      "leave",
      `its source "${executed.node}" is executed again, and the node was not asked for (--below)`,
    );
  if (left !== undefined) return choice("leave", `its source "${left.node}" is left out`);
  if (state === "success") return choice("adopt", succeededIn(context, name));
  return choice("leave", `did not succeed in run ${context.of} and was not asked for`);
}

function chooseUnfinished(
  context: RetryContext,
  name: string,
  executed: RetryStep | undefined,
): Choice {
  const retried = context.facts.nodes.get(name);
  const left = sourceStep(context, name, ["leave"]);
  if (left !== undefined) return choice("leave", `its source "${left.node}" is left out`);
  if (retried?.record.state === "success")
    return executed === undefined
      ? choice("adopt", succeededIn(context, name))
      : choice("execute", `its source "${executed.node}" is executed again`);
  if (retried !== undefined && hasBegun(retried)) return chooseBegun(context, retried);
  if (executed !== undefined) return choice("execute", `was held up by "${executed.node}"`);
  const why = retried === undefined ? "is new in the script" : `never ran in run ${context.of}`;
  return wants(context, "missing")
    ? choice("execute", why)
    : choice("leave", `${why}; --missing executes it`);
}

const hasBegun = ({ record: { plan, state } }: RetriedNode): boolean =>
  plan !== undefined || state === "fail";

function chooseBegun(context: RetryContext, retried: RetriedNode): Choice {
  if (isFailedNode(retried))
    return wants(context, "failed")
      ? choice("complete", `failed in run ${context.of}`)
      : choice("leave", "has failed; --failed executes it");
  return wants(context, "missing")
    ? choice("complete", `was not finished in run ${context.of}`)
    : choice("leave", "was not finished; --missing executes it");
}

const wants = ({ request: { size } }: RetryContext, what: "failed" | "missing"): boolean =>
  size.kind === "unfinished" && size[what];

const succeededIn = ({ facts, of }: RetryContext, name: string): string =>
  `succeeded in run ${facts.nodes.get(name)?.record.adopted?.run ?? of}`;

/** The step of the first source, among the nodes of the retry, that has one of these actions. */
export function sourceStep(
  { steps, sourcesOf }: Pick<RetryContext, "steps" | "sourcesOf">,
  name: string,
  actions: readonly RetryStep["action"][],
): RetryStep | undefined {
  return sourcesOf(name)
    .map((source) => steps.get(source))
    .find((step) => step !== undefined && actions.includes(step.action));
}
