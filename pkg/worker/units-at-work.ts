import type { Claim, Control } from "#pkg/control";
import { asFault, isFault, type Fault, type FaultCode } from "#pkg/fault";
import type { Log } from "#pkg/log";
import type { EngineThreads, RunningUnit } from "./pool.ts";

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

/** Neither promise ever rejects. */
export interface StartedUnit {
  /** Its thread is free again. */
  readonly executed: Promise<void>;
  /** The store has answered, or the unit is left to the lease. */
  readonly done: Promise<void>;
}

interface Active extends StartedUnit {
  readonly claim: Claim;
  readonly unit: RunningUnit;
  isAnswered: boolean;
}

/** The claimed units of one process, from the claim to the answer of the store. */
export class UnitsAtWork {
  readonly #deps: UnitDeps;
  readonly #retries: (fault: Fault) => boolean | Promise<boolean>;
  readonly #active = new Map<string, Active>();
  readonly #stopping = new AbortController();

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

  /** Those that threads work on or have before them; the others are being ended. */
  get inThreads(): number {
    let count = 0;
    for (const { isAnswered } of this.#active.values()) if (!isAnswered) count += 1;
    return count;
  }

  start(claim: Claim): StartedUnit {
    const unit = this.#deps.threads.run(claim.task, this.#stopping.signal);
    const done = this.#settle(claim, unit).finally(() => this.#active.delete(claim.token));
    const answer = (): void => {
      active.isAnswered = true;
    };
    const executed = unit.outcome.then(answer, answer);
    const active: Active = { claim, unit, done, executed, isAnswered: false };
    this.#active.set(claim.token, active);
    return { executed, done };
  }

  /** Of those in threads. */
  answers(): readonly Promise<void>[] {
    return [...this.#active.values()].flatMap(({ isAnswered, executed }) =>
      isAnswered ? [] : [executed],
    );
  }

  done(): readonly Promise<void>[] {
    return Array.from(this.#active.values(), ({ done }) => done);
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
