export type { EnginePorts, RunUnit, UnitContext, UnitTask } from "./types.ts";
