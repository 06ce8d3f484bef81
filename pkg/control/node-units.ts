import type { NodeRecord, PhaseName, UnitsByPhase, NumberedUnit } from "#pkg/workflow";
import type { Context } from "./context.ts";

/** The unit records of all phases of a node; nothing for a node that never began. */
export async function unitsByPhase(context: Context, record: NodeRecord): Promise<UnitsByPhase> {
  const units: Partial<Record<PhaseName, readonly NumberedUnit[]>> = {};
  for (const { name } of record.plan?.phases ?? [])
    units[name] = await phaseUnits(context, record, name);
  return units;
}

export const phaseUnits = (
  context: Context,
  { incarnation, run, node }: NodeRecord,
  phase: PhaseName,
): Promise<readonly NumberedUnit[]> => context.store.units({ incarnation, run, node, phase });
