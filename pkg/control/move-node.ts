import { Fault } from "#pkg/fault";
import { NODE_TRANSITIONS, type NodeEvent, type NodeRecord } from "#pkg/workflow";
import { announcePhase } from "./announce.ts";
import type { Context } from "./context.ts";

/** What a transition sets besides the state; the rest of the record stays. */
export interface NodeChange {
  readonly event: NodeEvent;
  /** For people. */
  readonly text: string;
  readonly set?: Partial<Omit<NodeRecord, "state" | "version">>;
}

/** One conditional write of transition and event together (W3). False: somebody else changed the node meanwhile. */
export async function moveNode(
  context: Context,
  record: NodeRecord,
  { event, text, set }: NodeChange,
): Promise<boolean> {
  const state = NODE_TRANSITIONS[record.state][event];
  if (state === "refused")
    throw new Fault("INTERNAL", `a node in state ${record.state} cannot ${event}`, {
      facts: { node: record.node, run: record.run },
    });
  const { reason: _past, ...kept } = record;
  const at = context.now();
  const next: NodeRecord = {
    ...kept,
    ...set,
    state,
    version: record.version + 1,
    ...(NEWS_OF_END.has(event) ? { endedAt: at } : {}),
  };
  const moved = await context.store.updateNode(next, { at, node: record.node, kind: event, text });
  if (!moved) return false;
  context.log.info("node moved", { run: record.run, node: record.node, state, text });
  if (OPENS_PHASE.has(event)) await announcePhase(context, next);
  return true;
}

const OPENS_PHASE: ReadonlySet<NodeEvent> = new Set(["open", "nextPhase"]);

const NEWS_OF_END: ReadonlySet<NodeEvent> = new Set(["adopt", "succeed", "fail", "skip", "stop"]);
