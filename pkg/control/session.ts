import { openObserver } from "./session-observer.ts";
import { DEFAULT_SESSION_SETTINGS, type SessionPorts } from "./session-ports.ts";

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
