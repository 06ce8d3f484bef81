import type { PhaseKey } from "../../control.ts";
import { statement } from "../statement.ts";
import { type Table, BUCKET, ofPhase } from "./places.ts";

/** Bucket of `done` that lists the others. */
export const DIRECTORY = -1;

export interface BucketSums {
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
}

export interface FinalMark {
  readonly unit: number;
  readonly outcome: string;
  readonly rejected: number;
  /** The record as JSON. */
  readonly record: string;
}

const ofUnits = (table: Table) => ({
  markClaimed: (
    phase: PhaseKey,
    bucket: number,
    { unit, session }: { readonly unit: number; readonly session: string },
  ) =>
    statement(
      "mark a unit as claimed",
      `INSERT INTO ${table("done")} (incarnation, run, node, phase, bucket, unit, session) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...ofPhase(phase),
      bucket,
      unit,
      session,
    ),
  markBucket: (phase: PhaseKey, bucket: number) =>
    statement(
      "mark a bucket",
      `INSERT INTO ${table("done")} (incarnation, run, node, phase, bucket, unit) VALUES (?, ?, ?, ?, ${DIRECTORY}, ?)`,
      ...ofPhase(phase),
      bucket,
    ),
  markFinal: (phase: PhaseKey, bucket: number, { unit, outcome, rejected, record }: FinalMark) =>
    statement(
      "mark a unit as final",
      `INSERT INTO ${table("done")} (incarnation, run, node, phase, bucket, unit, outcome, rejected, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...ofPhase(phase),
      bucket,
      unit,
      outcome,
      rejected,
      record,
    ),
});

const ofBuckets = (table: Table) => ({
  markFull: (phase: PhaseKey, bucket: number, sums: BucketSums) =>
    statement(
      "mark a bucket as full",
      `INSERT INTO ${table("done")} (incarnation, run, node, phase, bucket, unit, succeeded, failed, rejected) VALUES (?, ?, ?, ?, ${DIRECTORY}, ?, ?, ?, ?)`,
      ...ofPhase(phase),
      bucket,
      sums.succeeded,
      sums.failed,
      sums.rejected,
    ),
  bucket: (phase: PhaseKey, bucket: number) =>
    statement(
      "read markers",
      `SELECT unit, session, outcome, succeeded, failed, rejected FROM ${table("done")} WHERE ${BUCKET}`,
      ...ofPhase(phase),
      bucket,
    ),
  bucketRecords: (phase: PhaseKey, bucket: number) =>
    statement(
      "read markers with records",
      `SELECT unit, record FROM ${table("done")} WHERE ${BUCKET}`,
      ...ofPhase(phase),
      bucket,
    ),
  forgetBucket: (phase: PhaseKey, bucket: number) =>
    statement(
      "forget markers",
      `DELETE FROM ${table("done")} WHERE ${BUCKET}`,
      ...ofPhase(phase),
      bucket,
    ),
});

export const markerStatements = (table: Table) => ({
  ...ofUnits(table),
  ...ofBuckets(table),
});
