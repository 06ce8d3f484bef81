import { everything } from "#pkg/security";
import { openPool, threadMemory, type EngineThreads, type PoolSettings } from "#pkg/worker";

/** What a person lets the execution take of this machine. */
export interface EngineSize {
  readonly threads: number;
  readonly memoryMb: number;
}

/** The engine threads of a command that executes units itself. */
export const openEngine = (
  { threads, memoryMb }: EngineSize,
  places: Pick<PoolSettings, "store" | "transfer" | "processors">,
): EngineThreads =>
  openPool({
    ...places,
    threads,
    memory: threadMemory(memoryMb, threads),
    policy: everything,
  });
