import type { Claim, Control } from "#pkg/control";
import { asFault, isFault, type Fault, type FaultCode } from "#pkg/fault";
import type { Log } from "#pkg/log";
import { Pace } from "./pace.ts";
import type { EngineThreads } from "./pool.ts";
import type { RunningUnit, RunningUnits } from "./running-units.ts";

/** Faults that say that the process cannot work on, not that a unit is wrong. */
export const STORE_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "DISK_FULL",
  "STORE_UNAVAILABLE",
  "CLUSTER_UNAVAILABLE",
  "CLUSTER_REFUSED",
  "STORE_DAMAGED",
  "STORE_VERSION",
  "LEASE_LOST",
]);

export interface UnitDeps {
  readonly control: Control;
  readonly threads: EngineThreads;
  readonly log: Log;
}

export interface ActiveUnit {
  readonly node: string;
  readonly phase: string;
  readonly unit: number;
  /** Rows done so far. */
  readonly rows: number;
}

/** Units of one phase that were claimed at once and go through one thread. Neither promise ever rejects. */
export interface StartedUnits {
  /** Their thread is free again. */
  readonly executed: Promise<void>;
  /** The store has answered for each, or the unit is left to the lease. */
  readonly done: Promise<void>;
}

interface Active {
  readonly claim: Claim;
  readonly unit: RunningUnit;
}

interface Bundle extends StartedUnits {
  isExecuted: boolean;
}

/** The claimed units of one process, from the claim to the answer of the store. */
export class UnitsAtWork {
  readonly #deps: UnitDeps;
  readonly #retries: (fault: Fault) => boolean | Promise<boolean>;
  readonly #active = new Map<string, Active>();
  readonly #bundles = new Set<Bundle>();
  /** How many units are worth claiming at once. */
  readonly pace = new Pace();
  readonly #stopping = new AbortController();
  #ended = 0;

  /**
   * `retries` is told the faults of the store, those of units included. When a unit could not be ended it decides, after a pause
   * of its own, whether ending it is tried again; otherwise the unit is left to the lease.
   */
  constructor(deps: UnitDeps, retries: (fault: Fault) => boolean | Promise<boolean>) {
    this.#deps = deps;
    this.#retries = retries;
  }

  get size(): number {
    return this.#active.size;
  }

  /** How many bundles are done. */
  get ended(): number {
    return this.#ended;
  }

  /** Bundles that threads work on or have before them; the units of the others are being ended. */
  get inThreads(): number {
    return this.#inThreads().length;
  }

  /** `claims` of one phase, at least one. */
  start(claims: readonly Claim[]): StartedUnits {
    const tasks = claims.map(({ task }) => task);
    const running = this.#deps.threads.run(tasks, this.#stopping.signal);
    const answers = running.units.map(({ outcome }) => outcome);
    const executed = Promise.allSettled(answers).then(() => {
      bundle.isExecuted = true;
      this.#learn(claims, running);
    });
    // Ended together, so that a store may make one write of them.
    const ends = claims.map((claim, at) =>
      this.#follow({ claim, unit: running.units[at] as RunningUnit }, executed),
    );
    const done = Promise.all([executed, ...ends]).then(() => {
      this.#bundles.delete(bundle);
      this.#ended += 1;
    });
    const bundle: Bundle = { executed, done, isExecuted: false };
    this.#bundles.add(bundle);
    return bundle;
  }

  /** Of those in threads. */
  answers(): readonly Promise<void>[] {
    return this.#inThreads().map(({ executed }) => executed);
  }

  done(): readonly Promise<void>[] {
    return Array.from(this.#bundles, ({ done }) => done);
  }

  /**
   * The same after a search for work that began when so many had `ended`: what is done since may have brought something that it did
   * not see, so nothing is waited for then.
   */
  doneSince(ended: number): readonly Promise<void>[] {
    return this.#ended === ended ? this.done() : [Promise.resolve()];
  }

  describe(): readonly ActiveUnit[] {
    return Array.from(this.#active.values(), ({ claim: { key }, unit }) => ({
      node: key.node,
      phase: key.phase,
      unit: key.unit,
      rows: unit.rows(),
    }));
  }

  /** Units in work are interrupted at the next chunk and handed back. */
  abort(): void {
    this.#stopping.abort();
  }

  #inThreads(): readonly Bundle[] {
    return Array.from(this.#bundles).filter(({ isExecuted }) => !isExecuted);
  }

  async #follow(active: Active, executed: Promise<void>): Promise<void> {
    const { claim, unit } = active;
    this.#active.set(claim.token, active);
    await executed;
    await this.#settle(claim, unit);
    this.#active.delete(claim.token);
  }

  #learn(claims: readonly Claim[], running: RunningUnits): void {
    const [first] = claims;
    const elapsed = running.elapsedMs();
    if (first === undefined || this.#stopping.signal.aborted) return;
    if (elapsed !== undefined) this.pace.took(first.key, claims.length, elapsed);
    else if (claims.length > 1) this.pace.crashed(first.key);
  }

  async #settle(claim: Claim, unit: RunningUnit): Promise<void> {
    const outcome = await unit.outcome.catch((error: unknown) => asFault(error));
    if (isFault(outcome) && outcome.code !== "STOPPED" && !this.#stopping.signal.aborted) {
      const { code, stack } = outcome;
      this.#deps.log.warn("unit failed", { ...claim.key, code, stack });
      if (STORE_FAULTS.has(code)) await this.#retries(outcome);
    }
    for (;;) {
      try {
        return await this.#end(claim, outcome);
      } catch (error) {
        if (!(await this.#retries(asFault(error)))) return;
      }
    }
  }

  async #end(claim: Claim, outcome: Awaited<RunningUnit["outcome"]> | Fault): Promise<void> {
    const { control } = this.#deps;
    if (!isFault(outcome)) await control.commit(claim, outcome);
    else if (outcome.code === "STOPPED" || this.#stopping.signal.aborted)
      await control.handBack(claim);
    else await control.fail(claim, outcome);
  }
}
