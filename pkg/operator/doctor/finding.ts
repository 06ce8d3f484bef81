/** Something in an installation that should not be there, or is not as it should be. */
export interface Finding {
  readonly kind: FindingKind;
  /** Keyspace, run, node, session or path. */
  readonly place: string;
  readonly message: string;
  /** What repairs it: what --fix does, or the command of a person. */
  readonly repair: string;
  /** Absent: only a person can decide on the repair. */
  readonly fix?: () => Promise<void>;
}

export type FindingKind =
  | "dropping_keyspace"
  | "dead_session"
  | "unfinished_run"
  | "half_ended_run"
  | "lost_claims"
  | "orphan_keyspace"
  | "lost_keyspace"
  | "damaged_run"
  | "damaged_table"
  | "orphan_data"
  | "temporary_file"
  | "trash"
  | "orphan_folder"
  | "lost_folder";
