import { Fault, toRecord, type FaultRecord } from "#pkg/fault";
import type { UnitRecord } from "./records.ts";

/** Why the newest attempt at a unit ended; of a unit that failed, why it failed. */
export const lastCause = ({ causes }: Pick<UnitRecord, "causes">): FaultRecord =>
  causes.at(-1) ?? toRecord(new Fault("INTERNAL", "no cause was kept"));
