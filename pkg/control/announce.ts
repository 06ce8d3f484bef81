import { unitsOf, type NodeRecord } from "#pkg/workflow";
import type { UnitMessage } from "#pkg/queue";
import type { Context } from "./context.ts";
import { messageShares } from "./message-shares.ts";

/** More messages than this are never sent for one phase: by the time they are used up, idle workers look into the store. */
const MOST_MESSAGES = 20_000;

/**
 * Tells workers that the units of the phase that just opened may be claimed. A hint: a message that is lost, or a broker that is
 * away, costs only the time until somebody looks into the store (P5), so a failure is noted and nothing else.
 */
export async function announcePhase(context: Context, record: NodeRecord): Promise<void> {
  const phase = record.plan?.phases[record.phase ?? 0]?.name;
  if (context.queue === undefined || record.state !== "running" || phase === undefined) return;
  const { incarnation, run, node } = record;
  const count = unitsOf(record, phase);
  const messages = messageShares(count)
    .slice(0, MOST_MESSAGES)
    .map(({ unit, units }) => ({ incarnation, run, node, phase, unit, units }));
  await announce(context, messages);
}

/** The units of a message one by one, so that several workers may share them. */
export const announceEach = (
  context: Context,
  { units = 1, ...first }: UnitMessage,
): Promise<void> =>
  announce(
    context,
    Array.from({ length: units }, (_, at) => ({ ...first, unit: first.unit + at })),
  );

/** The same for units that were given back. */
export async function announce(context: Context, messages: readonly UnitMessage[]): Promise<void> {
  try {
    await context.queue?.publish(messages);
  } catch (error) {
    context.log.warn("units could not be announced", {
      messages: messages.length,
      reason: String(error),
    });
  }
}
