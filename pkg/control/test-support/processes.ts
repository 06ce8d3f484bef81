import { Fault, isFault } from "#pkg/fault";
import type { RunRecord, UnitOutcome } from "#pkg/workflow";
import type { Script } from "#pkg/script";
import { createControl, type Control } from "../control.ts";
import type { Claim, ControlPorts, Limits } from "../ports.ts";
import { failing, type FailurePlan } from "./fail-at.ts";
import { runFakeUnit } from "./fake-engine.ts";
import { newToken, type Installation } from "./installation.ts";

/** One worker process as far as the control plane is concerned, on a clock that only goes forward. */
export interface Process {
  readonly session: string;
  readonly control: Control;
  /** Executes units until nothing is left to do right now. */
  work(run: RunRecord, watch?: (claim: Claim) => void): Promise<void>;
  /** The next unit of the run; it is an error when there is none. */
  claim(run: RunRecord): Promise<Claim>;
  execute(claim: Claim): Promise<UnitOutcome>;
}

export interface ProcessOptions {
  readonly session: string;
  readonly dead?: ReadonlySet<string>;
  readonly plan?: FailurePlan;
  readonly holdsLease?: () => boolean;
  readonly limits?: Partial<Limits>;
  readonly clock?: () => number;
  /** Units that end with a data error. */
  readonly isBad?: (claim: Claim) => boolean;
}

let time = 1000;
const tick = (): number => (time += 1);

export function openProcess(installation: Installation, options: ProcessOptions): Process {
  const { session, dead, plan, clock = tick } = options;
  const wrap = <Port extends object>(port: Port): Port =>
    plan === undefined ? port : failing(port, plan);
  const ports = {
    store: wrap(installation.store),
    tables: wrap(installation.tables),
    files: wrap(installation.files),
  };
  const deps: ControlPorts = {
    ...ports,
    session,
    now: clock,
    newToken,
    isSessionDead: (other) => dead?.has(other) ?? false,
    ...(options.holdsLease ? { holdsLease: options.holdsLease } : {}),
    pause: () => Promise.resolve(),
    limits: { scanMs: 0, backOffMs: 0, ...options.limits },
  };
  const control = createControl(deps);
  const scripts = new Map<string, Script>();
  const execute = async (claim: Claim): Promise<UnitOutcome> => {
    const { script: hash } = claim.task;
    const script =
      scripts.get(hash) ?? (JSON.parse(await installation.store.document(hash)) as Script);
    scripts.set(hash, script);
    return runFakeUnit(claim.task, script, ports);
  };
  return {
    session,
    control,
    async claim(run) {
      const [claim] = await control.claimNext([run]);
      if (claim === undefined) throw new Error("nothing to claim");
      return claim;
    },
    execute,
    async work({ incarnation, run }, watch) {
      await control.advance(incarnation, run);
      for (;;) {
        const [claim] = await control.claimNext([{ incarnation, run }]);
        if (claim === undefined) return;
        watch?.(claim);
        if (options.isBad?.(claim) === true)
          await control.fail(claim, new Fault("CELL_INVALID", "a bad cell"));
        else await control.commit(claim, await execute(claim));
      }
    },
  };
}

/**
 * Works on a run in one process after another, each with a session of its own, until one survives: what resume does after
 * crashes. Returns how many died.
 */
export async function workUntilSurvived(
  installation: Installation,
  run: RunRecord,
  plan: FailurePlan,
  watch?: (claim: Claim) => void,
): Promise<number> {
  const dead = new Set<string>();
  for (;;) {
    const process = openProcess(installation, { session: `s${newToken()}`, dead, plan });
    try {
      await process.work(run, watch);
      return dead.size;
    } catch (error) {
      if (!isFault(error) || error.code !== "INJECTED") throw error;
      dead.add(process.session);
      plan.isDead = false;
    }
  }
}
