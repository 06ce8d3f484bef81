import type { SessionSettings } from "./session-ports.ts";

/**
 * Session settings for a lease of so many seconds, after which others take over from a process that neither moves nor is gone;
 * the defaults without one. Every process of an installation needs the same value.
 */
export function leaseSettings(seconds: number | undefined): Partial<SessionSettings> {
  if (seconds === undefined) return {};
  const deadMs = seconds * 1000;
  return { deadMs, lostMs: (deadMs * 2) / 3, renewMs: deadMs / 6 };
}
