import { Fault } from "#pkg/fault";
import type { AttemptPlace } from "#pkg/store";
import type { PhaseName, UnitOutcome } from "#pkg/workflow";
import type { UnitContext } from "./types.ts";

/** A committed unit of an earlier phase of the same node. */
export interface CommittedUnit {
  readonly place: AttemptPlace;
  readonly outcome: UnitOutcome;
}

/** All units of an earlier phase, by number; the phase is complete whenever a later one runs. */
export async function committedUnits(
  context: UnitContext,
  phase: PhaseName,
): Promise<readonly CommittedUnit[]> {
  const { task, ports } = context;
  const { incarnation, run, node, plan } = task;
  const expected = plan.phases.find((each) => each.name === phase)?.units ?? 0;
  const units = await ports.control.units({ incarnation, run, node, phase });
  const committed: CommittedUnit[] = [];
  for (const { unit, record } of units) {
    if (record.state !== "success" || record.outcome === undefined) continue;
    const { token, outcome } = record;
    const place = { incarnation, run: outcome.from ?? run, node, phase, unit, token };
    committed.push({ place, outcome });
  }
  if (committed.length < expected)
    throw new Fault(
      "INTERNAL",
      `phase ${phase} of node ${node} has ${committed.length} of ${expected} units`,
    );
  return committed.toSorted((a, b) => a.place.unit - b.place.unit);
}
