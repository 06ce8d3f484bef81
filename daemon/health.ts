import type { Fault } from "#pkg/fault";
import type { Health } from "./http.ts";

export interface HealthFacts {
  readonly isStopping: boolean;
  readonly holdsLease: boolean;
  readonly storeTrouble: Fault | undefined;
  readonly brokerTrouble: Fault | undefined;
}

/** A worker without its broker works on, more slowly; without its store or its lease it does not. */
export function healthOf(facts: HealthFacts): Health {
  const { isStopping, holdsLease, storeTrouble, brokerTrouble } = facts;
  const blocking = [
    ...(isStopping ? ["the worker is ending"] : []),
    ...(holdsLease ? [] : ["the session could not be renewed in time"]),
    ...(storeTrouble === undefined ? [] : [`the store fails: ${storeTrouble.message}`]),
  ];
  const noted = brokerTrouble === undefined ? [] : [`without the broker: ${brokerTrouble.message}`];
  return { ready: blocking.length === 0, reasons: [...blocking, ...noted] };
}
