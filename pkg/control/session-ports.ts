import type { ControlStore, SessionRecord } from "#pkg/store";

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
