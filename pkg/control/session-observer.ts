import type { SessionRecord } from "#pkg/store";
import type { SessionPorts, SessionSettings } from "./session-ports.ts";

interface Seen {
  readonly counter: number;
  /** When this counter was first seen, on this process's clock. */
  readonly since: number;
}

/**
 * The sessions that are alive as far as this process can tell. Without `fresh` an observation may be `observeMs` old: enough
 * to call a session alive, not to call one dead that may have begun since.
 */
export function openObserver(
  ports: SessionPorts,
  settings: SessionSettings,
): (fresh: boolean) => Promise<ReadonlySet<string>> {
  let seen = new Map<string, Seen>();
  let alive: ReadonlySet<string> = new Set();
  let observedAt = Number.NEGATIVE_INFINITY;
  return async (fresh) => {
    const at = ports.monotonic();
    if (!fresh && at - observedAt < settings.observeMs) return alive;
    const records = await ports.store.sessions();
    const current = new Map<string, Seen>();
    for (const { session, counter } of records) {
      const before = seen.get(session);
      current.set(session, before?.counter === counter ? before : { counter, since: at });
    }
    seen = current;
    observedAt = at;
    alive = new Set(
      records
        .filter((record) => isAlive(ports, record))
        .filter(({ session }) => at - (current.get(session) as Seen).since < settings.deadMs)
        .map(({ session }) => session),
    );
    return alive;
  };
}

/** On this machine the process itself can be asked; elsewhere only the counter tells. */
function isAlive({ identity, isProcessAlive }: SessionPorts, record: SessionRecord): boolean {
  if (record.host !== identity.host) return true;
  if (record.bootId !== identity.bootId) return false;
  return isProcessAlive(record.pid, record.processStart);
}
