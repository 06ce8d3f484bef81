import type { UnitMessage } from "#pkg/queue";
import type { RunRecord } from "#pkg/workflow";
import { advance } from "./advance.ts";
import { claimUnit, openPhase, type OpenPhase } from "./claim-unit.ts";
import type { Context } from "./context.ts";
import type { Claim } from "./ports.ts";
import { giveBack, hasRejectedTooMany } from "./reject-limit.ts";

/** How long a phase that was open is taken for open; a claim in one that ended is refused by the store or the commit. */
const REMEMBERED_MS = 500;
const KEPT_PHASES = 200;

/** Open phases by node, so that the many messages of one phase do not each read the run. */
export type PhaseMemory = Map<string, { readonly phase: OpenPhase; readonly at: number }>;

/** Runs whose executors are named are left to them (design 4.2, attention). */
export const mayExecute = ({ executors }: RunRecord, session: string): boolean =>
  executors.length === 0 || executors.includes(session);

/**
 * The unit that a message is about, if it can be claimed: a message may be late, doubled or about something long gone. Throws
 * only when the store does, and then nothing is known about the unit.
 */
export async function claimMessage(
  context: Context,
  memory: PhaseMemory,
  message: UnitMessage,
): Promise<Claim | undefined> {
  const phase = await phaseOf(context, memory, message);
  if (phase === undefined || message.unit >= phase.units) return undefined;
  if (await hasRejectedTooMany(context, phase)) return undefined;
  const result = await claimUnit(context, phase, message.unit);
  if (typeof result !== "string") {
    // Looked at again after the claim, as in claimNext.
    if (!(await hasRejectedTooMany(context, phase))) return result;
    await giveBack(context, result);
    return undefined;
  }
  if (result === "ended")
    await advance(context, { incarnation: message.incarnation, run: message.run });
  return undefined;
}

async function phaseOf(
  context: Context,
  memory: PhaseMemory,
  { incarnation, run: number, node: name, phase: wanted }: UnitMessage,
): Promise<OpenPhase | undefined> {
  const key = JSON.stringify([incarnation, number, name, wanted]);
  const at = context.monotonic();
  const known = memory.get(key);
  if (known !== undefined && at - known.at < REMEMBERED_MS) return known.phase;
  const found = await context.store.runWithNodes(incarnation, number);
  if (found?.run.state !== "running" || !mayExecute(found.run, context.session)) return undefined;
  const node = found.nodes.find((record) => record.node === name);
  const phase = node === undefined ? undefined : openPhase(found.run, node);
  if (phase?.name !== wanted) return undefined;
  if (memory.size >= KEPT_PHASES) memory.clear();
  memory.set(key, { phase, at });
  return phase;
}
