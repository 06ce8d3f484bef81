import { compileExpression, type CompiledExpression } from "#pkg/expression";
import { Fault, onlyFault } from "#pkg/fault";
import { compareValues, DEFAULT_DATETIME_MS, type FieldType, type Value } from "#pkg/value";
import type { DependencyPolicy } from "#pkg/script";
import { NODE_CODES, nodeCodeName, RUN_CODES, runCodeName } from "./status.ts";

/** What a policy sees of one run that affects the source node (spec/workflow.md 5.2). Times in milliseconds, if they happened. */
export interface DependencyEvent {
  readonly run: number;
  readonly isCurrent: boolean;
  /** RUN_CODES. */
  readonly runStatus: number;
  /** NODE_CODES. */
  readonly nodeStatus: number;
  readonly runStartedAt?: number | undefined;
  readonly runCompletedAt?: number | undefined;
  readonly runStoppedAt?: number | undefined;
  readonly nodeStartedAt?: number | undefined;
  /** Of the newest status. */
  readonly nodeStatusAt?: number | undefined;
}

export interface PolicyAnswer {
  readonly command: "go" | "wait" | "nogo";
  /** The run whose event decided; absent when no rule matched. */
  readonly run?: number;
  /** Position of the rule in the policy, -1 when none matched. */
  readonly rule: number;
  /** For people: the policy, the rule and the events looked at. */
  readonly evidence: readonly string[];
}

type Vocabulary = DependencyPolicy["vocabulary"];

interface EventField {
  readonly type: FieldType;
  readonly of: (event: DependencyEvent) => Value;
}

const time = (of: (event: DependencyEvent) => number | undefined): EventField => ({
  type: "datetime",
  of: (event) => ({
    ns: BigInt(Math.trunc(of(event) ?? DEFAULT_DATETIME_MS)) * 1_000_000n,
    offset: 0,
    zone: "UTC",
  }),
});

const integer = (of: (event: DependencyEvent) => number): EventField => ({
  type: "int",
  of: (event) => BigInt(of(event)),
});

const truth = (of: (event: DependencyEvent) => boolean): EventField => ({ type: "bool", of });

const RUN_ID = integer(({ run }) => run);
const IS_CURRENT = truth(({ isCurrent }) => isCurrent);
const RUN_STATUS = integer(({ runStatus }) => runStatus);
const NODE_STATUS = integer(({ nodeStatus }) => nodeStatus);

const FIELDS: Readonly<Record<Vocabulary, Readonly<Record<string, EventField>>>> = {
  nrs: {
    run_id: RUN_ID,
    run_is_current: IS_CURRENT,
    run_status: RUN_STATUS,
    node_status: NODE_STATUS,
  },
  e: {
    run_id: RUN_ID,
    run_is_current: IS_CURRENT,
    run_start_ts: time(({ runStartedAt }) => runStartedAt),
    run_completed_ts: time(({ runCompletedAt }) => runCompletedAt),
    run_stopped_ts: time(({ runStoppedAt }) => runStoppedAt),
    run_final_status: RUN_STATUS,
    // The reference pre-creates an entry for every run, so this has never been false there (W-35); policies rely on it.
    node_is_started: truth(() => true),
    node_start_ts: time(({ nodeStartedAt }) => nodeStartedAt),
    node_status: NODE_STATUS,
    node_status_ts: time(({ nodeStatusAt }) => nodeStatusAt),
  },
};

/** The status codes by the names that rules use; the same for every event. */
const CONSTANTS: Readonly<Record<string, EventField>> = {
  RunNone: integer(() => RUN_CODES.none),
  RunStart: integer(() => RUN_CODES.start),
  RunComplete: integer(() => RUN_CODES.complete),
  RunStop: integer(() => RUN_CODES.stop),
  NodeBatchNone: integer(() => NODE_CODES.none),
  NodeBatchStart: integer(() => NODE_CODES.start),
  NodeBatchSuccess: integer(() => NODE_CODES.success),
  NodeBatchFail: integer(() => NODE_CODES.fail),
  NodeBatchRunStopReceived: integer(() => NODE_CODES.stopreceived),
};

function lookUp(vocabulary: Vocabulary, prefix: string, name: string): EventField | undefined {
  if (prefix === "wfmodel") return CONSTANTS[name];
  return prefix === vocabulary ? FIELDS[vocabulary][name] : undefined;
}

function fieldOf(vocabulary: Vocabulary, name: string, prefix: string = vocabulary): EventField {
  const field = lookUp(vocabulary, prefix, name);
  if (field !== undefined) return field;
  throw new Fault("SCRIPT_INVALID", `dependency events have no field "${name}"`);
}

const compiledRules = new WeakMap<DependencyPolicy, readonly CompiledExpression[]>();

function rulesOf(policy: DependencyPolicy): readonly CompiledExpression[] {
  const known = compiledRules.get(policy);
  if (known !== undefined) return known;
  const { vocabulary } = policy;
  const compiled = policy.rules.map(({ expression }) =>
    compileExpression(expression, {
      place: "condition",
      declared: "bool",
      typeOf: (prefix, name) => lookUp(vocabulary, prefix, name)?.type,
    }),
  );
  compiledRules.set(policy, compiled);
  return compiled;
}

const isTrue = (
  rule: CompiledExpression,
  vocabulary: Vocabulary,
  event: DependencyEvent,
): boolean =>
  rule.evaluate(
    rule.inputs.map(({ prefix, name }) => fieldOf(vocabulary, name, prefix).of(event)),
  ) === true;

/** In the order of the policy; equal events newest run first, so that the result never depends on how they were gathered. */
function inPriorityOrder(
  policy: DependencyPolicy,
  events: readonly DependencyEvent[],
): readonly DependencyEvent[] {
  const keys = policy.order.map(({ field, descending }) => ({
    ...fieldOf(policy.vocabulary, field),
    sign: descending ? -1 : 1,
  }));
  return [...events].sort((left, right) => {
    for (const { type, of, sign } of keys) {
      const difference = compareValues(type, of(left), of(right)) * sign;
      if (difference !== 0) return difference;
    }
    return right.run - left.run;
  });
}

const describe = ({ run, isCurrent, runStatus, nodeStatus }: DependencyEvent): string =>
  `run ${run}${isCurrent ? " (this run)" : ""} is ${runCodeName(runStatus)}, node is ${nodeCodeName(nodeStatus)}`;

/** What a rule throws on one event, with the place. */
function atRule(
  fault: Fault,
  { name }: DependencyPolicy,
  rule: number,
  event: DependencyEvent,
): Fault {
  const place = `policy "${name}", rule ${rule}, ${describe(event)}`;
  return new Fault(fault.code, `${place}: ${fault.message}`, {
    facts: { ...fault.facts, policy: name, rule, run: event.run },
    hint: "Guard the rule, so that it has a value for every event.",
    cause: fault,
  });
}

/**
 * The first rule that is true for the first event in priority order decides. Nothing matched: `nogo` by the e vocabulary; by
 * nrs `wait` while the run of some event has not ended, else `nogo` (design 4.2 b). Throws what a rule throws (EXPRESSION_ROW).
 */
export function evaluatePolicy(
  policy: DependencyPolicy,
  events: readonly DependencyEvent[],
): PolicyAnswer {
  const rules = rulesOf(policy);
  const evidence: string[] = [];
  for (const event of inPriorityOrder(policy, events)) {
    evidence.push(describe(event));
    const rule = rules.findIndex((rule, position) => {
      try {
        return isTrue(rule, policy.vocabulary, event);
      } catch (error) {
        throw atRule(onlyFault(error), policy, position, event);
      }
    });
    const command = policy.rules[rule]?.command;
    if (command === undefined) continue;
    evidence.push(`policy "${policy.name}", rule ${rule}: ${command}`);
    return { command, run: event.run, rule, evidence };
  }
  const mayChange =
    policy.vocabulary === "nrs" &&
    events.some(({ runStatus }) => runStatus === RUN_CODES.none || runStatus === RUN_CODES.start);
  const command = mayChange ? "wait" : "nogo";
  evidence.push(`policy "${policy.name}", no rule matches: ${command}`);
  return { command, rule: -1, evidence };
}
