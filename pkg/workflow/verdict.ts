import { Fault, toRecord, type FaultRecord } from "#pkg/fault";
import type { DependencyPolicy, Script, ScriptNode } from "#pkg/script";
import type { NodeRecord, NodeState, RunRecord } from "./records.ts";
import { sourceNodes } from "./affected-nodes.ts";
import { evaluatePolicy, type DependencyEvent, type PolicyAnswer } from "./policy.ts";
import { isFinalNode, nodeCode, nodeCodeName, runCode } from "./status.ts";

/** A run of the keyspace with what is known about its nodes. */
export interface RunFacts {
  readonly run: RunRecord;
  readonly nodes: readonly NodeRecord[];
}

/** The run whose table a node will read; the manifest is looked up, or made for a source that did not succeed. */
export interface SourceChoice {
  readonly run: number;
  readonly node: string;
  readonly state: NodeState;
}

export type Decision =
  | {
      readonly kind: "go";
      readonly sources: readonly SourceChoice[];
      readonly evidence: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "wait"; readonly reason: string; readonly awaits: readonly number[] }
  | { readonly kind: "nogo"; readonly cause: FaultRecord }
  | { readonly kind: "fail"; readonly cause: FaultRecord };

/** Facts about the current run and every other run of the keyspace. */
export interface DependencyFacts {
  readonly script: Script;
  readonly current: RunFacts;
  readonly others: readonly RunFacts[];
  /** Sources of this node that a retry reads from the run they were read from before: source node → run. */
  readonly fixed?: Readonly<Record<string, number>>;
}

/**
 * Whether a node may begin and whose tables it reads (design 4.2 a-e). Sources come in the order reader, lookup; with two of
 * them nogo outweighs wait, wait outweighs go, and a source that no run ever produced fails the node at once.
 */
export function decideSources(node: ScriptNode, facts: DependencyFacts): Decision {
  const policy = policyOf(node, facts.script);
  const sources = sourceNodes(facts.script, node);
  if (policy === undefined || sources.length === 0)
    return { kind: "go", sources: [], evidence: [], warnings: [] };
  const decisions = sources.map((source) => decideSource(source, policy, facts));
  const fail = decisions.find(({ kind }) => kind === "fail");
  const nogo = decisions.find(({ kind }) => kind === "nogo");
  const waits = decisions.filter((decision) => decision.kind === "wait");
  if (fail !== undefined) return fail;
  if (nogo !== undefined) return nogo;
  if (waits.length > 0)
    return {
      kind: "wait",
      reason: waits.map(({ reason }) => reason).join("; "),
      awaits: waits.flatMap(({ awaits }) => awaits),
    };
  const gos = decisions.filter((decision) => decision.kind === "go");
  return {
    kind: "go",
    sources: gos.flatMap((go) => go.sources),
    evidence: gos.flatMap((go) => go.evidence),
    warnings: gos.flatMap((go) => go.warnings),
  };
}

const policyOf = (node: ScriptNode, script: Script): DependencyPolicy | undefined =>
  "policy" in node ? script.policies.find(({ name }) => name === node.policy) : undefined;

function decideSource(source: string, policy: DependencyPolicy, facts: DependencyFacts): Decision {
  const { current, others } = facts;
  const runs = [current, ...others].filter(({ run }) => run.affected.includes(source));
  if (runs.length === 0) return { kind: "fail", cause: neverRun(source) };
  const answer = fixedAnswer(source, facts) ?? answerOf(policy, source, runs, current.run.run);
  if ("cause" in answer) return { kind: "fail", cause: answer.cause };
  const decider = runs.find(({ run }) => run.run === answer.run);
  if (answer.command === "go") return go(source, decider as RunFacts, answer, facts);
  if (answer.command === "wait") return waitFor(source, decider, answer, runs);
  return { kind: "nogo", cause: refusal(source, decider, answer, current.run.run) };
}

/** What was chosen once stays chosen. */
function fixedAnswer(source: string, { fixed }: DependencyFacts): PolicyAnswer | undefined {
  const run = fixed?.[source];
  if (run === undefined) return undefined;
  return { command: "go", run, rule: -1, evidence: [`run ${run}, as in the run that is retried`] };
}

function answerOf(
  policy: DependencyPolicy,
  source: string,
  runs: readonly RunFacts[],
  current: number,
): PolicyAnswer | { readonly cause: FaultRecord } {
  try {
    return evaluatePolicy(
      policy,
      runs.map((run) => eventOf(run, source, current)),
    );
  } catch (error) {
    return { cause: toRecord(error) };
  }
}

const nodeIn = ({ nodes }: RunFacts, name: string): NodeRecord | undefined =>
  nodes.find(({ node }) => node === name);

/** One event of the policy language (spec/workflow.md 5.2). */
export function eventOf(facts: RunFacts, source: string, current: number): DependencyEvent {
  const { run } = facts;
  const node = nodeIn(facts, source);
  return {
    run: run.run,
    isCurrent: run.run === current,
    runStatus: runCode(run.state),
    nodeStatus: nodeCode(node?.state ?? "none"),
    runStartedAt: run.startedAt,
    runCompletedAt: run.outcome === undefined ? undefined : run.endedAt,
    runStoppedAt: run.stoppedAt,
    nodeStartedAt: node?.startedAt,
    nodeStatusAt: node?.endedAt ?? node?.startedAt,
  };
}

/** A go on a source that is not final counts as wait while its run may still finish it, as nogo when it cannot (4.2 d). */
function go(
  source: string,
  decider: RunFacts,
  answer: PolicyAnswer,
  facts: DependencyFacts,
): Decision {
  const { run } = decider;
  const record = nodeIn(decider, source);
  const state = record?.state ?? "none";
  if (!isFinalNode(state))
    return run.state === "running" && isExecuted(run, source)
      ? waitFor(source, decider, answer, [facts.current, ...facts.others])
      : { kind: "nogo", cause: refusal(source, decider, answer, facts.current.run.run) };
  const warnings =
    state === "success"
      ? []
      : [
          `reads the committed batches of node "${source}" of run ${run.run}, which is ${nodeCodeName(nodeCode(state))}`,
        ];
  return {
    kind: "go",
    sources: [{ run: run.run, node: source, state }],
    evidence: [`source "${source}": ${answer.evidence.join("; ")}`],
    warnings,
  };
}

const isExecuted = (run: RunRecord, node: string): boolean =>
  run.onlyNodes === undefined || run.onlyNodes.includes(node);

function waitFor(
  source: string,
  decider: RunFacts | undefined,
  answer: PolicyAnswer,
  runs: readonly RunFacts[],
): Decision {
  const waited =
    decider === undefined ? runs.filter(({ run }) => run.state === "running") : [decider];
  const numbers = waited.map(({ run }) => run.run);
  return {
    kind: "wait",
    reason: `waits for node "${source}" of run ${numbers.join(", ")} (${answer.evidence.slice(-2).join("; ")})`,
    awaits: numbers,
  };
}

const neverRun = (source: string): FaultRecord =>
  toRecord(
    new Fault("SOURCE_MISSING", `node "${source}" has not been part of any run of this keyspace`, {
      facts: { source },
      hint: `Add "${source}" to the start nodes, or run it first.`,
    }),
  );

function refusal(
  source: string,
  decider: RunFacts | undefined,
  answer: PolicyAnswer,
  current: number,
): FaultRecord {
  const record = decider === undefined ? undefined : nodeIn(decider, source);
  const cause = record?.cause;
  const facts = { source, run: answer.run, rule: answer.rule, evidence: answer.evidence };
  if (cause === undefined || answer.run === undefined)
    return toRecord(
      new Fault(
        "DEPENDENCY_NOGO",
        `may not read node "${source}": ${answer.evidence.slice(-2).join("; ")}`,
        { facts },
      ),
    );
  const [root, why, place] =
    cause.code === "SOURCE_FAILED"
      ? [cause.facts["root"], cause.facts["why"], ""]
      : [source, cause.message, answer.run === current ? "" : ` in run ${answer.run}`];
  return toRecord(
    new Fault(
      "SOURCE_FAILED",
      `cannot run because node "${String(root)}" did not succeed${place}: ${String(why)}`,
      { facts: { ...facts, root, why } },
    ),
  );
}
