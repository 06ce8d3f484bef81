import type { ControlStore } from "../control.ts";
import type { ControlEnvironment } from "./control-environment.ts";
import { keys } from "./control-keys.ts";

const ALL = Number.MAX_SAFE_INTEGER;

/** A run that has ended never runs again, so each is looked at only until then. */
export function controlActiveRuns(
  environment: ControlEnvironment,
): Pick<ControlStore, "activeRuns"> {
  let ended = new Set<string>();
  return {
    activeRuns: async () =>
      environment.read((transaction) => {
        const stillEnded = new Set<string>();
        const active = transaction
          .scan(keys.keyspaces)
          .filter(({ value }) => value.state === "live")
          .flatMap(({ value: { incarnation } }) =>
            transaction.keysBelow(keys.runs(incarnation), ALL).flatMap((key) => {
              const run = keys.runNumber(key);
              const isRunning =
                !ended.has(key) &&
                transaction.get(keys.run(incarnation, run))?.record.state === "running";
              if (!isRunning) stillEnded.add(key);
              return isRunning ? [{ incarnation, run }] : [];
            }),
          );
        ended = stillEnded;
        return active;
      }),
  };
}
