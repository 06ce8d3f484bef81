import { forEachLimit } from "#pkg/async";
import { Fault, toRecord } from "#pkg/fault";
import {
  plan,
  RUN_TRANSITIONS,
  type Action,
  type NodeRecord,
  type RunRecord,
  type WorkflowState,
} from "#pkg/workflow";
import { adoptNode, continueNode } from "./adopt.ts";
import { beginNode } from "./begin-node.ts";
import type { Context } from "./context.ts";
import { conclude, failNode, failUnits, nextPhase } from "./end-phase.ts";
import { loadState, runsThatWait } from "./load-state.ts";
import { moveNode } from "./move-node.ts";
import type { RunKey } from "./ports.ts";
import { publishNode } from "./publish-node.ts";
import { summarise } from "./summary.ts";
import { sweepNode } from "./sweep.ts";

interface Flight {
  readonly running: Promise<boolean>;
  /** Begins when `running` ends; all who call meanwhile share it. */
  next?: Promise<boolean>;
}

/** Each concerns a node of its own; a store makes one write of transitions that come together. */
const ACTIONS_AT_ONCE = 8;

const flights = new WeakMap<Context, Map<string, Flight>>();

/**
 * Performs every step of the run that is due, and of other runs of the keyspace that waited for one of them. Idempotent, safe
 * at the same time in many processes and after a crash anywhere (W3). True: something changed. Within one process calls for one
 * run come one after the other: what happened before a call is seen by it, and nothing is done twice.
 */
export function advance(context: Context, key: RunKey): Promise<boolean> {
  const known = flights.get(context) ?? new Map<string, Flight>();
  flights.set(context, known);
  const name = `${key.incarnation} ${key.run}`;
  const flight = known.get(name);
  if (flight === undefined) return begin(known, name, () => advanceNow(context, key));
  flight.next ??= flight.running.then(
    () => advance(context, key),
    () => advance(context, key),
  );
  return flight.next;
}

function begin(
  flights: Map<string, Flight>,
  name: string,
  work: () => Promise<boolean>,
): Promise<boolean> {
  const running = work().finally(() => flights.delete(name));
  flights.set(name, { running });
  return running;
}

async function advanceNow(context: Context, key: RunKey): Promise<boolean> {
  const due: RunKey[] = [key];
  let hasChanged = false;
  for (let next = due.shift(); next !== undefined; next = due.shift()) {
    if (!(await advanceRun(context, next))) continue;
    hasChanged = true;
    for (const waiting of await runsThatWait(context, next))
      if (!due.some(({ run }) => run === waiting.run)) due.push(waiting);
  }
  return hasChanged;
}

async function advanceRun(context: Context, key: RunKey): Promise<boolean> {
  let hasChanged = false;
  let seen = "";
  for (;;) {
    const state = await loadState(context, key);
    if (state === undefined) return hasChanged;
    const actions = plan(state);
    const now = versionsOf(state);
    // The same versions after acting: the keyspace is being dropped, or progress was a hint ahead of the truth.
    if (actions.length === 0 || now === seen) return hasChanged;
    seen = now;
    await forEachLimit(actions, ACTIONS_AT_ONCE, async (action) => {
      if (await act(context, state, action)) hasChanged = true;
    });
  }
}

const versionsOf = ({ run, nodes }: WorkflowState): string =>
  [run, ...nodes].map(({ version }) => version).join(" ");

/** Steps that need nothing but the node. */
const END_STEPS = { failUnits, nextPhase, conclude, publish: publishNode } as const;

type EndStep = Extract<Action, { readonly kind: keyof typeof END_STEPS }>;

const isEndStep = (action: Action): action is EndStep => Object.hasOwn(END_STEPS, action.kind);

async function act(context: Context, state: WorkflowState, action: Action): Promise<boolean> {
  if (action.kind === "complete") return completeRun(context, state, action.outcome);
  const record = state.nodes.find(({ node }) => node === action.node) as NodeRecord;
  if (isEndStep(action)) return END_STEPS[action.kind](context, record);
  switch (action.kind) {
    case "open":
      return beginNode(context, state, action);
    case "adopt":
      return adoptNode(context, state, action);
    case "continue":
      return continueNode(context, state, action);
    case "wait": {
      const { reason } = action;
      return moveNode(context, record, { event: "wait", text: reason, set: { reason } });
    }
    case "skip": {
      const { cause } = action;
      return moveNode(context, record, { event: "skip", text: cause.message, set: { cause } });
    }
    case "fail":
      return failNode(context, record, action.cause);
    case "stop":
      return stopNode(context, state.run, record);
    default:
      return action satisfies never;
  }
}

async function stopNode(context: Context, run: RunRecord, record: NodeRecord): Promise<boolean> {
  const fault = new Fault("STOPPED", `run ${run.run} was stopped: ${run.comment}`);
  await sweepNode(context, { ...record, state: "stopreceived" });
  // A retry may take over what is committed.
  const { incarnation, run: number, node } = record;
  await context.tables.flush({ incarnation, run: number, node });
  const set = { cause: toRecord(fault) };
  return moveNode(context, record, { event: "stop", text: fault.message, set });
}

async function completeRun(
  context: Context,
  { run, nodes }: WorkflowState,
  outcome: NonNullable<RunRecord["outcome"]>,
): Promise<boolean> {
  const at = context.now();
  const state = RUN_TRANSITIONS[run.state].complete;
  if (state === "refused") return false;
  const next: RunRecord = { ...run, state, outcome, endedAt: at, version: run.version + 1 };
  await summarise(context, next, nodes);
  const done = await context.store.updateRun(next, { at, kind: "complete", text: outcome });
  if (done) context.log.info("run completed", { run: run.run, outcome });
  return done;
}
