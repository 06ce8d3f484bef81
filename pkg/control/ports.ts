import type { Log } from "#pkg/log";
import type { Queue } from "#pkg/queue";
import type { ControlStore, PhaseKey, TableStore, UnitKey } from "#pkg/store";
import type { Files } from "#pkg/transfer";
import type { UnitTask } from "#pkg/workflow";

export interface ControlPorts {
  readonly store: ControlStore;
  readonly tables: TableStore;
  readonly files: Files;
  /** Where units that may be claimed are announced; without it workers look into the store. */
  readonly queue?: Pick<Queue, "publish">;
  /** Id of the worker session that claims are made for. */
  readonly session: string;
  /** Wall clock in milliseconds, for people only. */
  readonly now: () => number;
  /** 128 random bits as hex. */
  readonly newToken: () => string;
  /** Whether units running under that session may be taken over; without it nobody is ever dead. */
  readonly isSessionDead?: (session: string) => boolean | Promise<boolean>;
  /** False once this process could not renew its lease for too long: nothing is committed or published then (W7). */
  readonly holdsLease?: () => boolean;
  readonly log?: Log;
  /** Milliseconds that only go forward, for back-off; the default is `now`. */
  readonly monotonic?: () => number;
  /** Waits between repeats of a store call whose outcome is unknown. */
  readonly pause?: (milliseconds: number) => Promise<void>;
  readonly limits?: Partial<Limits>;
}

/** Design 4.3, limits. */
export interface Limits {
  /** Attempts that end with a retryable fault while the process lives. */
  readonly faults: number;
  /** Attempts lost together with their process. */
  readonly losses: number;
  /** Times the finished output of one batch may vanish before publication. */
  readonly lostOutputs: number;
  /** First back-off after a retryable fault; doubles with every further one. */
  readonly backOffMs: number;
  /** Least time between two listings of the units of a phase that seems to have nothing left to claim. */
  readonly scanMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  faults: 5,
  losses: 20,
  lostOutputs: 5,
  backOffMs: 250,
  scanMs: 250,
};

export interface RunKey {
  readonly incarnation: string;
  readonly run: number;
}

/** How many units of a phase may be claimed at once; at least 1. What is claimed is kept from other processes. */
export type MostUnits = (phase: PhaseKey) => number;

/** A unit this process may execute; hand it to commit, fail or handBack exactly once. */
export interface Claim {
  /** Its place in the store; `key.unit` differs from `task.unit` when a lost output is made again. */
  readonly key: UnitKey;
  readonly token: string;
  readonly epoch: number;
  /** 1, 2, 3…; for people. */
  readonly attempt: number;
  /** Retryable faults before this attempt. */
  readonly faults: number;
  /** Units of the phase. */
  readonly units: number;
  readonly task: UnitTask;
}
