import { everything } from "#pkg/security";
import {
  defaultThreads,
  openPool,
  threadMemory,
  type EngineThreads,
  type PoolSettings,
} from "#pkg/worker";

/** What a person lets the execution take of this machine. */
export interface EngineSize {
  /** As many as the person asked for, or as there are cores. */
  readonly threads: number;
  readonly areThreadsFixed: boolean;
  readonly memoryMb: number;
}

/** The engine threads of a command that executes units itself. */
export function openEngine(
  { threads: wanted, areThreadsFixed, memoryMb }: EngineSize,
  places: Pick<PoolSettings, "store" | "transfer" | "processors">,
): EngineThreads {
  const threads = areThreadsFixed ? wanted : defaultThreads(wanted, memoryMb);
  return openPool({
    ...places,
    threads,
    memory: threadMemory(memoryMb, threads),
    policy: everything,
  });
}
