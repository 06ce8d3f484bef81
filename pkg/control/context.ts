import { silentLog, type Log } from "#pkg/log";
import type { ControlStore } from "#pkg/store";
import type { Adoptions, FrozenInput } from "#pkg/workflow";
import type { Script } from "#pkg/script";
import type { Doubts } from "./doubts.ts";
import { openClaims, type OpenClaims } from "./open-claims.ts";
import { DEFAULT_LIMITS, type ControlPorts, type Limits } from "./ports.ts";
import { steadyStore } from "./steady-store.ts";

/** The ports with defaults filled in, and what this process remembers between calls. */
export interface Context extends ControlPorts {
  readonly store: ControlStore;
  readonly log: Log;
  readonly limits: Limits;
  readonly monotonic: () => number;
  readonly isSessionDead: (session: string) => boolean | Promise<boolean>;
  readonly holdsLease: () => boolean;
  readonly doubts: Doubts;
  /** Claims of this process that have not begun to end. */
  readonly claims: OpenClaims;
  readonly script: (hash: string) => Promise<Script>;
  readonly inputs: (hash: string) => Promise<readonly FrozenInput[]>;
  readonly adoptions: (hash: string) => Promise<Adoptions>;
}

const KEPT_DOCUMENTS = 32;

const pauseFor = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

export function openContext(ports: ControlPorts): Context {
  const store = steadyStore(ports.store, ports.pause ?? pauseFor);
  return {
    ...ports,
    store,
    log: ports.log ?? silentLog,
    limits: { ...DEFAULT_LIMITS, ...ports.limits },
    monotonic: ports.monotonic ?? ports.now,
    isSessionDead: ports.isSessionDead ?? (() => false),
    holdsLease: ports.holdsLease ?? (() => true),
    doubts: new Set(),
    claims: openClaims(),
    script: parsedDocuments<Script>(store),
    inputs: parsedDocuments<readonly FrozenInput[]>(store),
    adoptions: parsedDocuments<Adoptions>(store),
  };
}

/** Frozen documents never change, so they are parsed once and kept by hash. */
function parsedDocuments<T>(store: Pick<ControlStore, "document">): (hash: string) => Promise<T> {
  const kept = new Map<string, T>();
  return async (hash) => {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const parsed = JSON.parse(await store.document(hash)) as T;
    if (kept.size >= KEPT_DOCUMENTS) kept.clear();
    kept.set(hash, parsed);
    return parsed;
  };
}
