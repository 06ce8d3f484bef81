import type { ControlStore, SessionRecord } from "#pkg/store";
import { openObserver } from "./session-observer.ts";

export interface SessionSettings {
  /** Between renewals of the own counter. */
  readonly renewMs: number;
  /** An unchanged counter makes a session dead after this time on the observer's clock. */
  readonly deadMs: number;
  /** Without renewal for this long the process changes nothing any more; shorter than deadMs. */
  readonly lostMs: number;
  /** How long an observation of the sessions may be used again. */
  readonly observeMs: number;
}

export const DEFAULT_SESSION_SETTINGS: SessionSettings = {
  renewMs: 5000,
  deadMs: 30_000,
  lostMs: 20_000,
  observeMs: 200,
};

export interface SessionPorts {
  readonly store: Pick<ControlStore, "putSession" | "sessions" | "removeSession">;
  readonly identity: Omit<SessionRecord, "counter">;
  /** Milliseconds that only go forward; never compared with another machine's. */
  readonly monotonic: () => number;
  /** Whether the process of that id and start is there on this machine. */
  readonly isProcessAlive: (pid: number, processStart: string) => boolean;
  /** Told when a renewal failed; the next one is tried at its time. */
  readonly onRenewalFailed?: (error: unknown) => void;
  readonly settings?: Partial<SessionSettings>;
}

/** The lease of one worker process and its view of the others (design 4.3). Closing it hands the lease back. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  /** Raises the own counter once; what the timer does. */
  renew(): Promise<void>;
  /** Whether units of that session may be taken over. A session without a record has ended. */
  isDead(session: string): Promise<boolean>;
  /** False when others may already have taken this process for dead (W7). */
  holdsLease(): boolean;
  /** Removes records of dead sessions; their units can be taken over just the same. */
  removeDead(): Promise<void>;
}

/** Resolves when the session is visible to others, so no unit is ever claimed under an unknown session. */
export async function createSession(ports: SessionPorts): Promise<Session> {
  const settings = { ...DEFAULT_SESSION_SETTINGS, ...ports.settings };
  const { store, identity, monotonic } = ports;
  const observe = openObserver(ports, settings);
  let counter = 0;
  let renewedAt = monotonic();
  const renew = async (): Promise<void> => {
    const at = monotonic();
    counter += 1;
    await store.putSession({ ...identity, counter });
    renewedAt = at;
  };
  await renew();
  let renewal: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewal ??= renew()
      .catch((error: unknown) => ports.onRenewalFailed?.(error))
      .finally(() => {
        renewal = undefined;
      });
  }, settings.renewMs);
  timer.unref();
  return {
    id: identity.session,
    renew,
    isDead: async (session) =>
      session !== identity.session &&
      !(await observe(false)).has(session) &&
      !(await observe(true)).has(session),
    holdsLease: () => monotonic() - renewedAt < settings.lostMs,
    removeDead: async () => {
      // Listed before the look, so that a session that begins in between is left alone.
      const listed = await store.sessions();
      const alive = await observe(true);
      for (const { session } of listed)
        if (session !== identity.session && !alive.has(session)) await store.removeSession(session);
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await renewal;
      await store.removeSession(identity.session);
    },
  };
}
