import { silentLog, type Log } from "#pkg/log";
import { openWorkingControl, type WorkingControl as Working } from "#pkg/worker";
import type { Context } from "./context.ts";
import type { Installation } from "./installation.ts";

export interface WorkingControl extends Working {
  readonly log: Log;
}

/** The control plane of this process with a session of its own, so that it may claim units. */
export async function openControl(
  context: Context,
  { ports, settings }: Installation,
  verbose: boolean,
): Promise<WorkingControl> {
  const log = verbose ? (await import("#pkg/log/json")).openJsonLines("info") : silentLog;
  const self = { ...context, monotonic: () => performance.now() };
  const { store, tables, files } = ports;
  const working = await openWorkingControl({ store, tables, files }, self, {
    leaseSeconds: settings.leaseSeconds,
    log,
  });
  return { ...working, log };
}
