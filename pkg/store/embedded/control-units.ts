import type { UnitRecord } from "#pkg/workflow";
import type { ControlStore, PhaseProgress, UnitKey } from "../control.ts";
import {
  claimed,
  committed,
  pending,
  released,
  type Decision,
  type StoredUnit,
} from "../unit-transitions.ts";
import type { ControlEnvironment, ControlTransaction } from "./control-environment.ts";
import { isLive } from "./control-keyspaces.ts";
import { keys } from "./control-keys.ts";

type Units = Pick<
  ControlStore,
  | "claimUnit"
  | "commitUnit"
  | "releaseUnit"
  | "unit"
  | "units"
  | "unfinished"
  | "mayBeOver"
  | "progress"
>;

const NOTHING: PhaseProgress = { succeeded: 0, failed: 0, rejected: 0 };

/** Units are only committed: a power failure costs at most what a node that had not ended did, and that begins anew anyway. */
export const controlUnits = (environment: ControlEnvironment): Units => ({
  claimUnit: (claim) =>
    environment.write((transaction) => {
      const stored = transaction.get(keys.unit(claim.key));
      if (!isLive(transaction, claim.key.incarnation)) {
        return { granted: false, record: visible(stored) };
      }
      return apply(transaction, claim.key, claimed(stored, claim));
    }, "committed"),

  commitUnit: (commit) =>
    environment.write((transaction) => {
      if (!isLive(transaction, commit.key.incarnation)) return false;
      const stored = transaction.get(keys.unit(commit.key));
      return apply(transaction, commit.key, committed(stored, commit));
    }, "committed"),

  releaseUnit: (release) =>
    environment.write((transaction) => {
      const stored = transaction.get(keys.unit(release.key));
      return apply(transaction, release.key, released(stored, release));
    }, "committed"),

  unit: async (key) => environment.read((transaction) => visible(transaction.get(keys.unit(key)))),

  units: async (phase) =>
    environment
      .read((transaction) => transaction.scan(keys.units(phase)))
      .filter(({ value }) => !pending(value))
      .map(({ key, value }) => ({ unit: keys.unitNumber(key), record: value.record })),

  unfinished: async (phase, count) => {
    const stored = environment.read((transaction) => transaction.scan(keys.units(phase)));
    const known = new Map(stored.map(({ key, value }) => [keys.unitNumber(key), visible(value)]));
    return Array.from({ length: count }, (_, unit) => ({ unit, record: known.get(unit) })).filter(
      ({ record }) => record === undefined || record.state === "running",
    );
  },

  mayBeOver: async (key, count) => {
    const { succeeded, failed } = environment.read(
      (transaction) => transaction.get(keys.progress(key)) ?? NOTHING,
    );
    return succeeded + failed >= count;
  },

  progress: async (phase) =>
    environment.read((transaction) => ({ ...NOTHING, ...transaction.get(keys.progress(phase)) })),
});

const visible = (stored: StoredUnit | undefined) =>
  stored === undefined || pending(stored) ? undefined : stored.record;

function apply<T>(transaction: ControlTransaction, key: UnitKey, decision: Decision<T>): T {
  const { answer, next } = decision;
  if (next === undefined) return answer;
  transaction.put(keys.unit(key), next);
  if (next.record.state !== "running") count(transaction, key, next.record);
  return answer;
}

function count(
  transaction: ControlTransaction,
  unit: UnitKey,
  { state, outcome }: UnitRecord,
): void {
  const key = keys.progress(unit);
  const before: PhaseProgress = { ...NOTHING, ...transaction.get(key) };
  transaction.put(key, {
    succeeded: before.succeeded + (state === "success" ? 1 : 0),
    failed: before.failed + (state === "fail" ? 1 : 0),
    rejected: before.rejected + (outcome?.counts.rejected ?? 0),
  });
}
