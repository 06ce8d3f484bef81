import type { NodeState, RunState, UnitState } from "./records.ts";

export type RunEvent = "complete" | "stop";

export type NodeEvent =
  | "wait"
  | "adopt"
  | "open"
  | "nextPhase"
  | "publish"
  | "lost"
  | "succeed"
  | "fail"
  | "skip"
  | "stop";

/** takeover, commit, fail and release name the token they are about; another token is refused whatever the state. */
export type UnitEvent = "claim" | "takeover" | "commit" | "fail" | "release";

/** An absent unit record reads as pending. */
export type UnitStep = UnitState | "pending";

export type Outcome<State> = State | "refused";

type Table<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, Outcome<State>>>>
>;

/** SPEC.md, runs. */
export const RUN_TRANSITIONS: Table<RunState, RunEvent> = {
  running: { complete: "complete", stop: "stopped" },
  complete: { complete: "refused", stop: "stopped" },
  stopped: { complete: "refused", stop: "refused" },
};

const NOTHING: Readonly<Record<NodeEvent, "refused">> = {
  wait: "refused",
  adopt: "refused",
  open: "refused",
  nextPhase: "refused",
  publish: "refused",
  lost: "refused",
  succeed: "refused",
  fail: "refused",
  skip: "refused",
  stop: "refused",
};

const UNDECIDED = {
  ...NOTHING,
  wait: "waiting",
  adopt: "success",
  open: "running",
  fail: "fail",
  skip: "skipped",
  stop: "stopreceived",
} as const;

/** SPEC.md, nodes. */
export const NODE_TRANSITIONS: Table<NodeState, NodeEvent> = {
  none: UNDECIDED,
  waiting: UNDECIDED,
  running: {
    ...NOTHING,
    nextPhase: "running",
    publish: "publishing",
    succeed: "success",
    fail: "fail",
    stop: "stopreceived",
  },
  publishing: {
    ...NOTHING,
    lost: "running",
    succeed: "success",
    fail: "fail",
    stop: "stopreceived",
  },
  success: NOTHING,
  fail: NOTHING,
  stopreceived: NOTHING,
  skipped: NOTHING,
};

const FINAL_UNIT = {
  claim: "refused",
  takeover: "refused",
  commit: "refused",
  fail: "refused",
  release: "refused",
} as const;

/** SPEC.md, units. */
export const UNIT_TRANSITIONS: Table<UnitStep, UnitEvent> = {
  pending: { ...FINAL_UNIT, claim: "running" },
  running: {
    claim: "refused",
    takeover: "running",
    commit: "success",
    fail: "fail",
    release: "pending",
  },
  success: FINAL_UNIT,
  fail: FINAL_UNIT,
};
