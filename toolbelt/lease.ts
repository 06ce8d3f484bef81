import type { SessionSettings } from "#pkg/control";
import { Fault } from "#pkg/fault";
import type { Context } from "./context.ts";

const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 3600;

/**
 * Session settings from CAPI_LEASE_SECONDS: after how long others take over from a process that neither moves nor is gone
 * (default 30). Every process on one data folder needs the same value.
 */
export function leaseSettings({ env }: Pick<Context, "env">): Partial<SessionSettings> {
  const text = env["CAPI_LEASE_SECONDS"];
  if (text === undefined || text === "") return {};
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS)
    throw new Fault(
      "USAGE",
      `CAPI_LEASE_SECONDS=${text}: a whole number from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} is needed`,
    );
  const deadMs = seconds * 1000;
  return { deadMs, lostMs: (deadMs * 2) / 3, renewMs: deadMs / 6 };
}
