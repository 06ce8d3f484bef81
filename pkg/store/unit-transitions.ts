import type { UnitRecord } from "#pkg/workflow";
import type { ClaimAnswer, UnitClaim, UnitCommit, UnitRelease } from "./control.ts";

/**
 * A unit as adapters keep it: what the port shows, and what makes repeated writes answer the same. `record.state` is
 * `running` with an empty token while the unit is handed back; the port shows such a unit as absent, that is pending.
 */
export interface StoredUnit {
  readonly record: UnitRecord;
  /** Token of the latest release. */
  readonly released?: string;
}

/** What a conditional write answers, and the unit to store when it changes. */
export interface Decision<Answer> {
  readonly answer: Answer;
  readonly next?: StoredUnit;
}

export const pending = (unit: StoredUnit | undefined): boolean =>
  unit === undefined || (unit.record.state === "running" && unit.record.token === "");

export function claimed(unit: StoredUnit | undefined, claim: UnitClaim): Decision<ClaimAnswer> {
  const record = unit?.record;
  if (record === undefined || pending(unit)) return grant(unit, claim);
  if (record.state === "running" && record.token === claim.token) {
    return { answer: { granted: true, record } };
  }
  const { takeover } = claim;
  if (record.state === "running" && takeover !== undefined && record.token === takeover.token) {
    return grant(unit, claim);
  }
  return { answer: { granted: false, record } };
}

function grant(unit: StoredUnit | undefined, claim: UnitClaim): Decision<ClaimAnswer> {
  const before = unit?.record;
  const lost = pending(unit) ? undefined : claim.takeover;
  const record: UnitRecord = {
    state: "running",
    token: claim.token,
    session: claim.session,
    epoch: claim.epoch,
    attempt: (before?.attempt ?? 0) + 1,
    faults: before?.faults ?? 0,
    losses: (before?.losses ?? 0) + (lost === undefined ? 0 : 1),
    causes: [...(before?.causes ?? []), ...(lost === undefined ? [] : [lost.cause])],
    startedAt: claim.at,
  };
  return { answer: { granted: true, record }, next: { ...unit, record } };
}

export function committed(unit: StoredUnit | undefined, commit: UnitCommit): Decision<boolean> {
  const record = unit?.record;
  if (record === undefined || record.token !== commit.token || record.epoch !== commit.epoch) {
    return { answer: false };
  }
  const { result } = commit;
  const state = "outcome" in result ? "success" : "fail";
  if (record.state !== "running") return { answer: record.state === state };
  if (pending(unit)) return { answer: false };
  const end =
    "outcome" in result
      ? { outcome: result.outcome }
      : { causes: [...record.causes, result.cause] };
  return {
    answer: true,
    next: { ...unit, record: { ...record, ...end, state, endedAt: commit.at } },
  };
}

export function released(unit: StoredUnit | undefined, release: UnitRelease): Decision<boolean> {
  const record = unit?.record;
  if (record === undefined) return { answer: false };
  if (record.state !== "running" || record.token !== release.token || release.token === "") {
    return { answer: unit?.released === release.token && release.token !== "" };
  }
  const next: UnitRecord = {
    ...record,
    token: "",
    session: "",
    faults: record.faults + (release.counts === "fault" ? 1 : 0),
    causes: [...record.causes, release.cause],
  };
  return { answer: true, next: { record: next, released: release.token } };
}
