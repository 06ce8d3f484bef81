export { mappedBytesOf } from "./budget.ts";
export { runUnit } from "./run-unit.ts";
export { unitsAtOnce } from "./units-at-once.ts";
export type { EnginePorts, RunUnit, UnitContext } from "./types.ts";
