import type { Claim, Control, MostUnits } from "#pkg/control";
import { asFault, type Fault } from "#pkg/fault";
import type { Log } from "#pkg/log";
import type { Queue, Settlement, UnitMessage } from "#pkg/queue";
import type { ControlStore } from "#pkg/store";
import { pause } from "./pause.ts";
import type { EngineThreads } from "./pool.ts";
import { Slots } from "./slots.ts";
import { STORE_FAULTS, UnitsAtWork, type ActiveUnit, type StartedUnits } from "./units-at-work.ts";

export interface ServeDeps {
  readonly store: Pick<ControlStore, "activeRuns">;
  readonly control: Control;
  readonly threads: EngineThreads;
  /** Absent: work is found in the store alone. */
  readonly queue?: Pick<Queue, "consume">;
  readonly log: Log;
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Records of dead processes, removed now and then. */
  readonly removeDeadSessions: () => Promise<void>;
  readonly settings?: Partial<ServeSettings>;
}

export interface ServeSettings {
  /** Without a message for this long, and a thread free, work is looked for in the store. */
  readonly idleMs: number;
  /** Between looks into the store while messages come: what they do not tell of may not wait for ever. */
  readonly sweepMs: number;
  /** How long units in work may go on once the signal is raised; then they are handed back. */
  readonly graceMs: number;
}

const DEFAULT_SETTINGS: ServeSettings = { idleMs: 2000, sweepMs: 5000, graceMs: 20_000 };

export interface Serving {
  /** Settles when everything in work has been ended or handed back. */
  readonly ended: Promise<void>;
  active(): readonly ActiveUnit[];
  /** The fault of the store that work waits for; undefined when there is none. */
  trouble(): Fault | undefined;
}

/** Runs looked at in one round; which ones is chosen by chance, so that many workers share many runs. */
const RUNS_A_ROUND = 8;
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1000;
/** One bundle of units beyond the threads waits in the pool, so that a thread never waits for the store. */
const CLAIMED_AHEAD = 1;
/** Fetched ahead for each thread, so that the next message is there when a thread is free. */
const MESSAGES_A_THREAD = 2;
const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 5000;
const DEAD_SESSIONS_EVERY_MS = 60_000;

/**
 * Executes units of any run of the installation until the signal is raised: those that messages tell of, and when none come
 * those that the store shows. A store that fails is waited for; no unit in work is lost by that, and no message settled.
 */
export function serve(deps: ServeDeps, signal: AbortSignal): Serving {
  const server = new Server(deps, signal);
  return {
    ended: server.run(),
    active: () => server.units.describe(),
    trouble: () => server.trouble,
  };
}

class Server {
  readonly units: UnitsAtWork;
  /** Present from a fault of the store until something succeeds. */
  trouble: Fault | undefined;
  readonly #deps: ServeDeps;
  readonly #settings: ServeSettings;
  readonly #signal: AbortSignal;
  readonly #slots: Slots;
  /** Raised when the grace period is over. */
  readonly #givingUp = new AbortController();
  #rests = 0;
  #committing = 0;
  #lastMessageAt: number;
  #lastLookAt: number;
  #lastCleaningAt: number;

  constructor(deps: ServeDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#settings = { ...DEFAULT_SETTINGS, ...deps.settings };
    this.#signal = signal;
    this.#slots = new Slots(deps.threads.threads + CLAIMED_AHEAD);
    this.units = new UnitsAtWork(deps, (fault) => this.#survive(fault, this.#givingUp.signal));
    this.#lastMessageAt = deps.monotonic();
    this.#lastLookAt = deps.monotonic();
    this.#lastCleaningAt = deps.monotonic();
  }

  async run(): Promise<void> {
    this.#deps.threads.use(this.#deps.threads.threads);
    await Promise.all([this.#consume(), this.#look()]);
    await this.#drain();
  }

  /** Units in work may end by themselves for the grace period. */
  async #drain(): Promise<void> {
    const all = Promise.all(this.units.done());
    const never = new AbortController();
    await pause(this.#settings.graceMs, never.signal, [all.then(() => undefined)]);
    this.units.abort();
    this.#givingUp.abort();
    await all;
  }

  async #consume(): Promise<void> {
    const { queue, threads, log } = this.#deps;
    if (queue === undefined) return;
    const limit = threads.threads * MESSAGES_A_THREAD;
    while (!this.#signal.aborted)
      try {
        await queue.consume((message) => this.#handle(message), { signal: this.#signal, limit });
      } catch (error) {
        // The message was not settled and comes again (P5).
        const fault = asFault(error);
        log.warn("a message could not be handled", { code: fault.code, reason: fault.message });
        if (!(await this.#survive(fault, this.#signal))) await this.#rest(this.#signal);
      }
  }

  /**
   * The message is done as soon as its units are claimed: from then on the lease guards them (design 4.3). Quick units of a long
   * message are claimed as threads become free; slow ones are left to everybody, so that no message is held for minutes.
   */
  async #handle(message: UnitMessage): Promise<Settlement> {
    let next: UnitMessage | undefined = message;
    while (next !== undefined) {
      if (!(await this.#slots.take(this.#signal))) return { kind: "again", delayMs: 0 };
      next = await this.#startSome(next);
    }
    return { kind: "done" };
  }

  /** In the slot that was taken. What is left of the message; undefined: nothing, or others may have it. */
  async #startSome(message: UnitMessage): Promise<UnitMessage | undefined> {
    const { control, monotonic } = this.#deps;
    let left: UnitMessage | undefined;
    this.#lastMessageAt = monotonic();
    await this.#startInSlot(async () => {
      const { claims, rest } = await control.claimMessage(message, this.#most);
      left = rest;
      return claims;
    });
    this.#lastMessageAt = monotonic();
    if (left === undefined || !this.units.pace.isSlow(left)) return left;
    await control.passOn(left);
    return undefined;
  }

  readonly #most: MostUnits = (phase) => this.units.pace.most(phase);

  /** Starts what `claim` finds in the slot that was taken, or gives the slot back. */
  async #startInSlot(claim: () => Promise<readonly Claim[]>): Promise<boolean> {
    try {
      const claims = await claim();
      this.#recovered();
      if (claims.length === 0) this.#slots.give();
      else void this.#freeSlot(this.units.start(claims));
      return claims.length > 0;
    } catch (error) {
      this.#slots.give();
      throw error;
    }
  }

  /**
   * The next units may be claimed while these are committed, so that threads do not wait for the store. When that many bundles are
   * already being committed, the store is slower than the threads and they wait for it.
   */
  async #freeSlot({ executed, done }: StartedUnits): Promise<void> {
    await executed;
    const isBehind = this.#committing >= this.#deps.threads.threads;
    this.#committing += 1;
    if (!isBehind) this.#slots.give();
    await done;
    this.#committing -= 1;
    if (isBehind) this.#slots.give();
  }

  /** Looks for work in the store whenever that is due. */
  async #look(): Promise<void> {
    let wait = SHORTEST_WAIT_MS;
    while (!this.#signal.aborted) {
      const { ended } = this.units;
      try {
        const found = this.#isLookDue() && (await this.#lookOnce());
        if (found) wait = SHORTEST_WAIT_MS;
      } catch (error) {
        const fault = asFault(error);
        this.#deps.log.warn("the store could not be looked at", {
          code: fault.code,
          reason: fault.message,
        });
        if (!(await this.#survive(fault, this.#signal))) await this.#rest(this.#signal);
      }
      const before = this.units.size;
      await pause(wait, this.#signal, this.units.doneSince(ended));
      wait =
        this.units.size < before ? SHORTEST_WAIT_MS : Math.min(wait * 2, this.#longestWaitMs());
    }
  }

  /** Nothing runs anywhere: looking twice as seldom keeps an idle worker under one read a second. */
  #longestWaitMs(): number {
    return this.#isQuiet ? this.#settings.idleMs : LONGEST_WAIT_MS;
  }

  #isQuiet = true;

  #isLookDue(): boolean {
    const { queue, monotonic } = this.#deps;
    const at = monotonic();
    const { idleMs, sweepMs } = this.#settings;
    if (at - this.#lastLookAt >= sweepMs) return true;
    if (queue === undefined) return true;
    return at - this.#lastMessageAt >= idleMs;
  }

  /** True when a unit was started. */
  async #lookOnce(): Promise<boolean> {
    if (!this.#slots.tryTake()) return false;
    return this.#startInSlot(async () => {
      this.#lastLookAt = this.#deps.monotonic();
      await this.#clean();
      await this.#deps.control.settleDoubts();
      const runs = await this.#deps.store.activeRuns();
      this.#isQuiet = runs.length === 0;
      return this.#deps.control.claimNext(this.#share(runs), this.#most);
    });
  }

  #share<Run>(runs: readonly Run[]): readonly Run[] {
    const from = Math.floor(this.#deps.random() * runs.length);
    return [...runs.slice(from), ...runs.slice(0, from)].slice(0, RUNS_A_ROUND);
  }

  async #clean(): Promise<void> {
    const at = this.#deps.monotonic();
    if (at - this.#lastCleaningAt < DEAD_SESSIONS_EVERY_MS) return;
    this.#lastCleaningAt = at;
    await this.#deps.removeDeadSessions();
  }

  /** True after a pause when the fault may pass; false for one that trying again does not mend. */
  async #survive(fault: Fault, signal: AbortSignal): Promise<boolean> {
    if (!fault.retryable && !STORE_FAULTS.has(fault.code)) {
      const { code, message, stack } = fault;
      this.#deps.log.error("work could not be ended", { code, reason: message, stack });
      return false;
    }
    this.trouble = fault;
    await this.#rest(signal);
    return !signal.aborted;
  }

  #rest(signal: AbortSignal): Promise<void> {
    const longest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#rests);
    this.#rests += 1;
    return pause(longest * (0.5 + this.#deps.random() / 2), signal);
  }

  #recovered(): void {
    this.#rests = 0;
    this.trouble = undefined;
  }
}
