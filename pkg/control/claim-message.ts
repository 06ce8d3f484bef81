import type { UnitMessage } from "#pkg/queue";
import type { RunRecord } from "#pkg/workflow";
import { advance } from "./advance.ts";
import { claimUnits, mostAtOnce, openPhase, type OpenPhase } from "./claim-unit.ts";
import type { Context } from "./context.ts";
import type { Claim, MostUnits } from "./ports.ts";
import { hasRejectedTooMany, unlessRejectedTooMany } from "./reject-limit.ts";

/** How long a phase that was open is taken for open; a claim in one that ended is refused by the store or the commit. */
const REMEMBERED_MS = 500;
const KEPT_PHASES = 200;

/** Open phases by node, so that the many messages of one phase do not each read the run. */
export type PhaseMemory = Map<string, { readonly phase: OpenPhase; readonly at: number }>;

/** Runs whose executors are named are left to them (design 4.2, attention). */
export const mayExecute = ({ executors }: RunRecord, session: string): boolean =>
  executors.length === 0 || executors.includes(session);

/** What a message brought. */
export interface MessageClaims {
  readonly claims: readonly Claim[];
  /** The units of the message that were not tried yet. */
  readonly rest: UnitMessage | undefined;
}

const NOTHING: MessageClaims = { claims: [], rest: undefined };

export interface MessageWork {
  readonly message: UnitMessage;
  readonly most: MostUnits;
}

/**
 * The first units that a message is about, if they can be claimed: a message may be late, doubled or about something long gone.
 * Throws only when the store does, and then nothing is known about the units.
 */
export async function claimMessage(
  context: Context,
  memory: PhaseMemory,
  { message, most }: MessageWork,
): Promise<MessageClaims> {
  const phase = await phaseOf(context, memory, message);
  if (phase === undefined || message.unit >= phase.units) return NOTHING;
  if (await hasRejectedTooMany(context, phase)) return NOTHING;
  const from = message.unit;
  const end = Math.min(from + (message.units ?? 1), phase.units);
  const next = Math.min(from + (await mostAtOnce(context, phase, most)), end);
  const units = Array.from({ length: next - from }, (_, at) => from + at);
  const { claims, isEnded } = await claimUnits(context, phase, units);
  if (isEnded) await advance(context, { incarnation: message.incarnation, run: message.run });
  const rest = next < end ? { ...message, unit: next, units: end - next } : undefined;
  return { claims: await unlessRejectedTooMany(context, phase, claims), rest };
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
