import { lastCause } from "../last-cause.ts";
import type { NodePlan } from "../records.ts";
import type { NumberedUnit, UnitsByPhase } from "../manifest.ts";
import type { UnitStep } from "./retry-plan.ts";

export interface OpenUnits {
  /** Position in plan.phases where the execution goes on. */
  readonly phase: number;
  readonly units: readonly UnitStep[];
  /** Units taken over, all phases. */
  readonly adopted: number;
}

/**
 * Where the execution of a node goes on. A phase works on everything the phases before it left, so units of a phase can be
 * taken over only when all earlier phases are (W17): the first phase in which something is missing is the place. `again` are
 * units of `rows` to execute although they succeeded. Checks are never taken over: they judge the whole.
 */
export function openUnits(
  plan: NodePlan,
  units: UnitsByPhase,
  { of, again }: { readonly of: number; readonly again: ReadonlyMap<number, string> },
): OpenUnits {
  const open = plan.phases.map(({ name, units: count }) => {
    const known = new Map((units[name] ?? []).map((unit) => [unit.unit, unit]));
    return Array.from({ length: count }, (_, unit): UnitStep | undefined => {
      const reasons = [
        name === "check" ? "checks are made again" : openReason(known.get(unit), of),
      ];
      if (name === "rows") reasons.push(again.get(unit));
      const reason = reasons.filter((text) => text !== undefined).join("; ");
      return reason === "" ? undefined : { phase: name, unit, reason };
    }).filter((step) => step !== undefined);
  });
  const first = open.findIndex((steps) => steps.length > 0);
  const phase = first < 0 ? plan.phases.length - 1 : first;
  const steps = open[phase] as readonly UnitStep[];
  const upTo = plan.phases.slice(0, phase + 1);
  const count = upTo.reduce((sum, { units }) => sum + units, 0);
  return { phase, units: steps, adopted: count - steps.length };
}

/** Why a unit has no result to take over. */
function openReason(unit: NumberedUnit | undefined, of: number): string | undefined {
  if (unit === undefined) return `never ran in run ${of}`;
  const { state, outcome } = unit.record;
  if (state === "fail") return `failed in run ${of}: ${lastCause(unit.record).message}`;
  return state === "success" && outcome !== undefined
    ? undefined
    : `was not finished when run ${of} was stopped`;
}
