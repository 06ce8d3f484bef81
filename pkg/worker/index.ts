export { openPool, type EngineThreads, type PoolSettings, type RunningUnit } from "./pool.ts";
export {
  workOnRun,
  type ActiveUnit,
  type WorkDeps,
  type WorkEnd,
  type WorkWatch,
} from "./work-loop.ts";
export type { StoreSettings } from "./thread-task.ts";
