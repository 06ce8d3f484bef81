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
  const { takeover } = claim;
  if (unit === undefined || pending(unit)) {
    return takeover === undefined
      ? grant(unit, claim)
      : { answer: { granted: false, record: undefined } };
  }
  const { record } = unit;
  const isHeld = record.state === "running";
  if (isHeld && record.token === claim.token) return { answer: { granted: true, record } };
  if (isHeld && record.token === takeover?.token) {
    const losses = record.losses + 1;
    const causes = [...record.causes, takeover.cause];
    return grant({ ...unit, record: { ...record, losses, causes } }, claim);
  }
  return { answer: { granted: false, record } };
}

function grant(unit: StoredUnit | undefined, claim: UnitClaim): Decision<ClaimAnswer> {
  const { attempt, faults, losses, causes } = unit?.record ?? NEVER_TRIED;
  const record: UnitRecord = {
    state: "running",
    token: claim.token,
    session: claim.session,
    epoch: claim.epoch,
    attempt: attempt + 1,
    faults,
    losses,
    causes,
    startedAt: claim.at,
  };
  return { answer: { granted: true, record }, next: { ...unit, record } };
}

const NEVER_TRIED = { attempt: 0, faults: 0, losses: 0, causes: [] } as const;

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
