export { mappedBytesOf } from "./budget.ts";
export { runUnit } from "./run-unit.ts";
export { mayOverlap } from "./unit-context.ts";
export type { EnginePorts, RunUnit, UnitContext } from "./types.ts";
