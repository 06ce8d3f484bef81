import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import {
  createControl,
  createSession,
  localProcess,
  type Control,
  type LocalSystem,
} from "#pkg/control";
import { silentLog, type Log } from "#pkg/log";
import type { Context } from "./context.ts";
import type { Installation } from "./installation.ts";
import { leaseSettings } from "./lease.ts";

export interface WorkingControl extends AsyncDisposable {
  /** Id of this process as a worker. */
  readonly session: string;
  readonly control: Control;
  readonly log: Log;
  /** Removes the records that dead processes left. */
  removeDeadSessions(): Promise<void>;
}

/** The control plane of this process with a session of its own, so that it may claim units. */
export async function openControl(
  context: Context,
  { ports }: Installation,
  verbose: boolean,
): Promise<WorkingControl> {
  const log = verbose ? (await import("#pkg/log/json")).openJsonLines("info") : silentLog;
  const local = localProcess(systemOf(context), context.pid);
  const monotonic = (): number => performance.now();
  const session = await createSession({
    store: ports.store,
    identity: { session: ports.newId(), ...local.identity },
    monotonic,
    isProcessAlive: local.isProcessAlive,
    settings: leaseSettings(context),
    onRenewalFailed: (error) =>
      log.warn("the session could not be renewed", { error: String(error) }),
  });
  const control = createControl({
    store: ports.store,
    tables: ports.tables,
    files: ports.files,
    session: session.id,
    now: context.now,
    monotonic,
    newToken: () => ports.newId().replaceAll("-", ""),
    isSessionDead: (other) => session.isDead(other),
    holdsLease: () => session.holdsLease(),
    log,
  });
  return {
    session: session.id,
    control,
    log,
    removeDeadSessions: () => session.removeDead(),
    async [Symbol.asyncDispose]() {
      try {
        await session[Symbol.asyncDispose]();
      } catch (error) {
        // A record that stays is harmless: its process is gone, so others take the session for dead.
        log.warn("the session record could not be removed", { error: String(error) });
      }
    },
  };
}

const systemOf = (context: Context): LocalSystem => ({
  readText(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined; // no such file: the caller has a fallback
    }
  },
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
  host: context.host,
  bootFallback: new Date(context.now() - uptime() * 1000).toISOString().slice(0, 15),
});
