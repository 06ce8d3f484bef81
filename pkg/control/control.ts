import type { UnitMessage } from "#pkg/queue";
import type { UnitOutcome } from "#pkg/workflow";
import { advance } from "./advance.ts";
import { claimMessage, type MessageClaims, type PhaseMemory } from "./claim-message.ts";
import { claimNext, openSearches } from "./claim-next.ts";
import { openContext } from "./context.ts";
import { dropKeyspace } from "./drop-keyspace.ts";
import { commitOutcome, failAttempt, handBackUnit, type AttemptEnd } from "./end-attempt.ts";
import { announceEach } from "./announce.ts";
import { settleDoubts } from "./doubts.ts";
import type { Claim, ControlPorts, MostUnits, RunKey } from "./ports.ts";
import { stopRun } from "./stop-run.ts";
import { sweepRun } from "./sweep.ts";
import { isStuck, waitingReason } from "./waiting.ts";

/** The control plane of one process: decides and records what happens to runs, never touches rows (design 4). */
export interface Control {
  /** Performs every step that is due; true when something changed. Safe at any time, anywhere, any number of times. */
  advance(incarnation: string, run: number): Promise<boolean>;
  /** Units of one phase that this process owns from now on, one unless `most` says more; none: nothing to do right now. */
  claimNext(runsAttended: readonly RunKey[], most?: MostUnits): Promise<readonly Claim[]>;
  /** The first units that a message is about, those that this process owns from now on, and what it still has to say. */
  claimMessage(message: UnitMessage, most?: MostUnits): Promise<MessageClaims>;
  /** Leaves units of a message to whoever is free, each on its own. */
  passOn(message: UnitMessage): Promise<void>;
  /** Gives units back whose claim ended with a store fault but may have been granted. For processes that live on after it. */
  settleDoubts(): Promise<void>;
  /** Throws LEASE_LOST when this process may have been declared dead. */
  commit(claim: Claim, outcome: UnitOutcome): Promise<AttemptEnd>;
  /** Decides by the fault whether the unit failed or is tried again. */
  fail(claim: Claim, error: unknown): Promise<AttemptEnd>;
  /** Gives a unit back unharmed. */
  handBack(claim: Claim): Promise<AttemptEnd>;
  /** Stops a run, or invalidates a completed one; false when it was stopped before. Throws RUN_MISSING. */
  stop(incarnation: string, run: number, comment: string): Promise<boolean>;
  sweep(incarnation: string, run: number): Promise<void>;
  /** False: there is no such keyspace. */
  drop(keyspace: string): Promise<boolean>;
  /** One line for every waiting node. */
  waitingReason(incarnation: string, run: number): Promise<string | undefined>;
  /** Only another run or an approval can move it: exit code 3. */
  isStuck(incarnation: string, run: number): Promise<boolean>;
}

export function createControl(ports: ControlPorts): Control {
  const context = openContext(ports);
  const searches = openSearches(context);
  const phases: PhaseMemory = new Map();
  return {
    advance: (incarnation, run) => advance(context, { incarnation, run }),
    claimNext: (runs, most = () => 1) => claimNext(context, searches, { runs, most }),
    claimMessage: (message, most = () => 1) => claimMessage(context, phases, { message, most }),
    passOn: (message) => announceEach(context, message),
    settleDoubts: () => settleDoubts(context),
    commit: (claim, outcome) => commitOutcome(context, claim, outcome),
    fail: (claim, error) => failAttempt(context, searches, { claim, error }),
    handBack: (claim) => handBackUnit(context, searches, claim),
    stop: (incarnation, run, comment) => stopRun(context, { incarnation, run }, comment),
    sweep: (incarnation, run) => sweepRun(context, { incarnation, run }),
    drop: (keyspace) => dropKeyspace(context, keyspace),
    waitingReason: (incarnation, run) => waitingReason(context, { incarnation, run }),
    isStuck: (incarnation, run) => isStuck(context, { incarnation, run }),
  };
}
