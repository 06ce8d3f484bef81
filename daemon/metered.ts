import type { AttemptEnd, Claim, Control } from "#pkg/control";
import { asFault } from "#pkg/fault";
import type { Queue } from "#pkg/queue";
import type { ControlStore } from "#pkg/store";
import type { UnitOutcome } from "#pkg/workflow";
import type { Metrics } from "./metrics.ts";

/** The control plane, counted. `monotonic` in milliseconds. */
export function meteredControl(
  control: Control,
  metrics: Metrics,
  monotonic: () => number,
): Control {
  const { claimed, ending } = meters(metrics, monotonic);
  const asSaid = (result: AttemptEnd): string => result;
  return {
    ...control,
    async claimMessage(message, most) {
      const claiming = claimed("message");
      const found = await control.claimMessage(message, most);
      claiming(found.claims);
      return found;
    },
    async claimNext(runs, most) {
      const claiming = claimed("store");
      const claims = await control.claimNext(runs, most);
      claiming(claims);
      return claims;
    },
    commit: async (claim, outcome) => {
      const end = await ending(claim, () => control.commit(claim, outcome), asSaid);
      if (end === "committed") countRows(metrics, outcome);
      return end;
    },
    fail: (claim, error) =>
      ending(
        claim,
        () => control.fail(claim, error),
        (result) => (result === "committed" ? "failed" : result),
      ),
    handBack: (claim) => ending(claim, () => control.handBack(claim), asSaid),
  };
}

function countRows({ rows }: Metrics, { counts }: UnitOutcome): void {
  const { read, written, filtered, rejected, duplicates } = counts;
  const kinds = { read, written, filtered, rejected, duplicates };
  for (const [kind, count] of Object.entries(kinds)) rows.inc({ kind }, count);
}

interface Meters {
  /** Before the claim; what it answers is told what was claimed. */
  readonly claimed: (source: "message" | "store") => (claims: readonly Claim[]) => void;
  readonly ending: (
    claim: Claim,
    end: () => Promise<AttemptEnd>,
    word: (result: AttemptEnd) => string,
  ) => Promise<AttemptEnd>;
}

function meters(metrics: Metrics, monotonic: () => number): Meters {
  /** When the units in work were claimed. */
  const begun = new Map<string, number>();
  return {
    claimed(source) {
      const at = monotonic();
      return (claims) => {
        if (claims.length === 0) metrics.claims.inc({ source, result: "nothing" });
        else metrics.claims.inc({ source, result: "granted" }, claims.length);
        for (const { token } of claims) {
          metrics.claimSeconds.observe((monotonic() - at) / 1000);
          begun.set(token, at);
        }
      };
    },
    async ending({ key, token }, end, word) {
      const at = monotonic();
      try {
        const result = await end();
        const now = monotonic();
        metrics.unitEnds.inc({ result: word(result) });
        metrics.endSeconds.observe((now - at) / 1000);
        metrics.unitSeconds.observe({ phase: key.phase }, (now - (begun.get(token) ?? at)) / 1000);
        begun.delete(token);
        return result;
      } catch (error) {
        if (asFault(error).code === "LEASE_LOST") metrics.leaseLost.inc();
        throw error;
      }
    },
  };
}

const EVENTS: Readonly<Record<string, keyof Metrics["dependencies"]>> = {
  open: "go",
  skip: "nogo",
  wait: "wait",
};

/** The control store, with its faults and what the decisions made visible counted. */
export function meteredStore(store: ControlStore, metrics: Metrics): ControlStore {
  const watched = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await (Reflect.apply(member, target, args) as Promise<unknown>);
        } catch (error) {
          metrics.storeFaults.inc({ code: asFault(error).code });
          throw error;
        }
      };
    },
  });
  const counted: Pick<ControlStore, "updateNode" | "putSession" | "activeRuns"> = {
    async updateNode(next, event) {
      const moved = await watched.updateNode(next, event);
      const word = EVENTS[event?.kind ?? ""];
      if (moved && word !== undefined) metrics.dependencies[word].inc();
      return moved;
    },
    async putSession(session) {
      await watched.putSession(session);
      metrics.leaseRenewals.inc();
    },
    async activeRuns() {
      const runs = await watched.activeRuns();
      metrics.activeRuns.set(runs.length);
      return runs;
    },
  };
  return new Proxy(watched, {
    get: (target, name) => Reflect.get(name in counted ? counted : target, name) as unknown,
  });
}

/** The consuming side of a queue, counted. */
export const meteredConsume = (
  queue: Pick<Queue, "consume">,
  metrics: Metrics,
): Pick<Queue, "consume"> => ({
  consume: (handle, options) =>
    queue.consume(async (message) => {
      const settlement = await handle(message);
      if (settlement.kind === "done") metrics.messagesDone.inc();
      else metrics.messagesAgain.inc();
      return settlement;
    }, options),
});
