import { expect, test } from "vitest";
import {
  FAILURE_MODES,
  FailurePlan,
  type FailureMode,
} from "../../pkg/control/test-support/fail-at.ts";
import { openCrashWorld, type CrashWorld } from "../support/crash-world.ts";
import { memoryFolder } from "../support/folders.ts";

const isFull = process.env["CAPI_CRASH"] === "full";
/** Every n-th call is made to fail; CAPI_CRASH=full tries every call in every mode, which takes hours. */
const STEPS: Readonly<Record<FailureMode, number>> = isFull
  ? { before: 1, after: 1, applied: 1, later: 1, never: 1 }
  : { before: 3, after: 3, applied: 11, later: 11, never: 11 };
const TIMEOUT = isFull ? 4 * 3_600_000 : 600_000;
const LIVES = 3;
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Ports repeat by themselves what may be repeated. An input whose facts cannot be had then is frozen as unreadable (P6): the
 * run ends by failing, and what it publishes is whole.
 */
const isDeath = (mode: FailureMode): boolean => mode === "before" || mode === "after";

/** Lives until the run is final; the plan fails once, in the first life. */
async function liveOn(
  world: CrashWorld,
  keyspace: string,
  plan: FailurePlan,
  what: "live" | "retry" = "live",
): Promise<string> {
  for (let life = 1; ; life++) {
    try {
      const { state, outcome } = await world[what](keyspace, plan);
      return `${state} ${outcome}`;
    } catch (error) {
      if (life === LIVES || plan.failed === undefined) throw error;
      plan.isDead = false;
    }
  }
}

test.each(FAILURE_MODES)(
  "P3, P9: a failure (%s) of any port call changes no byte of the files and leaves none behind",
  async (mode) => {
    const folder = memoryFolder("crash");
    await using world = await openCrashWorld(folder);
    const whole = new FailurePlan(NEVER, mode);
    expect(await liveOn(world, "whole", whole)).toBe("complete succeeded");
    const expected = world.outputs("whole");
    expect(Object.keys(expected)).toEqual(["placed_00000.csv", "placed_00001.csv", "totals.csv"]);
    for (let at = 1; at <= whole.calls; at += STEPS[mode]) {
      const keyspace = `${mode}_${at}`;
      const plan = new FailurePlan(at, mode);
      const end = await liveOn(world, keyspace, plan);
      if (plan.failed === "facts" && !isDeath(mode)) {
        expect(end, `call ${at}`).toMatch(/^complete (partly|failed)$/);
        expect(expected, `call ${at}`).toMatchObject(world.outputs(keyspace));
      } else {
        expect(end, `call ${at} (${plan.failed})`).toBe("complete succeeded");
        expect(world.outputs(keyspace), `call ${at} (${plan.failed})`).toEqual(expected);
      }
      expect(await world.drop(keyspace)).toBe(true);
    }
  },
  TIMEOUT,
);

/** What failed in the run that is retried, so that the retry goes on in the middle of every phase there is. */
const BAD: Readonly<Record<string, readonly string[]>> = {
  ranges: ["read_sales rows 1"],
  finish: ["list_shops finish 0"],
  join: ["join_city join 1", "join_city shuffle 1"],
  file: ["write_placed rows 1"],
};
/** Calls left out between two that fail; the first one is another in every case and mode. */
const RETRY_STEP = isFull ? 1 : 29;

test.each(FAILURE_MODES)(
  "P3, P9: a failure (%s) of any port call of a retry changes no byte of the files and leaves none behind",
  async (mode) => {
    const folder = memoryFolder("crash-retry");
    await using world = await openCrashWorld(folder);
    expect(await liveOn(world, "whole", new FailurePlan(NEVER, mode))).toBe("complete succeeded");
    const expected = world.outputs("whole");
    for (const [position, [what, bad]] of Object.entries(BAD).entries()) {
      const failed = async (keyspace: string): Promise<string> => {
        const { outcome } = await world.fail(keyspace, new Set(bad));
        expect(outcome, what).not.toBe("succeeded");
        return keyspace;
      };
      const unharmed = new FailurePlan(NEVER, mode);
      const first = await failed(`${what}_whole`);
      expect(await liveOn(world, first, unharmed, "retry")).toBe("complete succeeded");
      expect(world.outputs(first), what).toEqual(expected);
      const offset = (5 * FAILURE_MODES.indexOf(mode) + 7 * position) % RETRY_STEP;
      for (let at = 1 + offset; at <= unharmed.calls; at += RETRY_STEP) {
        const keyspace = await failed(`${what}_${at}`);
        const plan = new FailurePlan(at, mode);
        const end = await liveOn(world, keyspace, plan, "retry");
        expect(end, `${what}, call ${at} (${plan.failed})`).toBe("complete succeeded");
        expect(world.outputs(keyspace), `${what}, call ${at} (${plan.failed})`).toEqual(expected);
        expect(await world.drop(keyspace)).toBe(true);
      }
    }
  },
  TIMEOUT,
);
