export { runUnit } from "./run-unit.ts";
export type { EnginePorts, RunUnit, UnitContext } from "./types.ts";
