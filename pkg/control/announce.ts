import { unitsOf, type NodeRecord } from "#pkg/workflow";
import type { UnitKey } from "#pkg/store";
import type { Context } from "./context.ts";

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
  const units = Math.min(unitsOf(record, phase), MOST_MESSAGES);
  await announce(
    context,
    Array.from({ length: units }, (_, unit) => ({ incarnation, run, node, phase, unit })),
  );
}

/** The same for units that were given back. */
export async function announce(context: Context, units: readonly UnitKey[]): Promise<void> {
  try {
    await context.queue?.publish(units);
  } catch (error) {
    context.log.warn("units could not be announced", {
      units: units.length,
      reason: String(error),
    });
  }
}
