export { createControl, type Control } from "./control.ts";
export type { AttemptEnd } from "./end-attempt.ts";
export {
  DEFAULT_LIMITS,
  type Claim,
  type ClaimedTask,
  type ControlPorts,
  type Limits,
  type RunKey,
} from "./ports.ts";
export { scriptName } from "./summary.ts";
export { localProcess, type LocalProcess, type LocalSystem } from "./local-process.ts";
export {
  createSession,
  DEFAULT_SESSION_SETTINGS,
  type Session,
  type SessionPorts,
  type SessionSettings,
} from "./session.ts";
