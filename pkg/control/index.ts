export { createControl, type Control } from "./control.ts";
export type { AttemptEnd } from "./end-attempt.ts";
export type { MessageClaims } from "./claim-message.ts";
export {
  type Claim,
  type ControlPorts,
  type Limits,
  type MostUnits,
  type RunKey,
} from "./ports.ts";
export { leaseSettings } from "./lease.ts";
export { localProcess, type LocalProcess, type LocalSystem } from "./local-process.ts";
export { createSession, type Session } from "./session.ts";
export type { SessionPorts, SessionSettings } from "./session-ports.ts";
