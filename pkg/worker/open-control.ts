import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import {
  createControl,
  createSession,
  leaseSettings,
  localProcess,
  type Control,
  type ControlPorts,
  type LocalSystem,
} from "#pkg/control";
import type { Log } from "#pkg/log";

/** What a process that claims units says of itself. */
export interface WorkerProcess {
  readonly host: string;
  readonly pid: number;
  /** Wall clock, for people. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** A new random identity. */
  readonly newId: () => string;
}

export interface WorkerOptions {
  /** The same for every process of the installation; the default without one. */
  readonly leaseSeconds?: number | undefined;
  readonly log: Log;
}

export interface WorkingControl extends AsyncDisposable {
  /** Id of this process as a worker. */
  readonly session: string;
  readonly control: Control;
  /** False while others may take this process for dead. */
  holdsLease(): boolean;
  /** Whether units of that session may be taken over. */
  isSessionDead(session: string): Promise<boolean>;
  /** Removes the records that dead processes left. */
  removeDeadSessions(): Promise<void>;
}

/** The control plane of this process with a session of its own, so that it may claim units. */
export async function openWorkingControl(
  ports: Pick<ControlPorts, "store" | "tables" | "files" | "queue">,
  self: WorkerProcess,
  { leaseSeconds, log }: WorkerOptions,
): Promise<WorkingControl> {
  const { now, monotonic, newId } = self;
  const local = localProcess(systemOf(self), self.pid);
  const session = await createSession({
    store: ports.store,
    identity: { session: newId(), ...local.identity },
    monotonic,
    isProcessAlive: local.isProcessAlive,
    settings: leaseSettings(leaseSeconds),
    onRenewalFailed: (error) =>
      log.warn("the session could not be renewed", { error: String(error) }),
  });
  const control = createControl({
    ...ports,
    session: session.id,
    now,
    monotonic,
    newToken: () => newId().replaceAll("-", ""),
    isSessionDead: (other) => session.isDead(other),
    holdsLease: () => session.holdsLease(),
    log,
  });
  return {
    session: session.id,
    control,
    holdsLease: () => session.holdsLease(),
    isSessionDead: (other) => session.isDead(other),
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

const systemOf = ({ host, now }: WorkerProcess): LocalSystem => ({
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
  host,
  bootFallback: new Date(now() - uptime() * 1000).toISOString().slice(0, 15),
});
