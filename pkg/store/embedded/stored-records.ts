import type { Manifest, RunRecord } from "#pkg/workflow";

/** What the control environment keeps beyond the records of the port. */

export interface StoreHeader {
  readonly format: number;
  /** Boot under which the store was last entered. */
  readonly boot: string;
}

export interface StoredRun {
  readonly record: RunRecord;
  /** Hash of the record as inserted: tells a repeated insert from another one. */
  readonly inserted: string;
  /** Number of the newest event. */
  readonly events: number;
}

export interface StoredProgress {
  readonly succeeded: number;
  readonly failed: number;
  /** Absent in folders of older versions. */
  readonly rejected?: number;
}

/** The batches are in pages of their own. */
export type StoredManifest = Omit<Manifest, "batches"> & { readonly pages: number };
