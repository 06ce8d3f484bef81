export {
  openWorkingControl,
  type WorkerOptions,
  type WorkerProcess,
  type WorkingControl,
} from "./open-control.ts";
export { clusterStores, openStores, type OpenStores } from "./open-stores.ts";
export { openPool, type EngineThreads, type PoolSettings } from "./pool.ts";
export { serve, type ServeDeps, type ServeSettings, type Serving } from "./serve.ts";
export type { StoreSettings } from "./thread-task.ts";
export { defaultThreads, threadMemory } from "./thread-memory.ts";
export type { ActiveUnit } from "./units-at-work.ts";
export { workOnRun, type WorkDeps, type WorkEnd, type WorkWatch } from "./work-loop.ts";
