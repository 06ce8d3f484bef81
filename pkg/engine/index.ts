export { runUnit } from "./run-unit.ts";
export type { EnginePorts, RunUnit, UnitContext, UnitTask } from "./types.ts";
