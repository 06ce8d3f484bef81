import type { MessagePort } from "node:worker_threads";
import type { FaultRecord } from "#pkg/fault";
import type { ProcessorSettings } from "#pkg/processor";
import type { AccessPolicy } from "#pkg/security";
import type { CassandraSettings } from "#pkg/store/cassandra";
import type { TransferSettings } from "#pkg/transfer";
import type { UnitOutcome, UnitTask } from "#pkg/workflow";

/** Which stores a process works on; plain data, so that each of its threads opens the same by itself. */
export type StoreSettings =
  | { readonly kind: "embedded"; readonly folder: string }
  | { readonly kind: "cassandra"; readonly cassandra: CassandraSettings };

/** What every engine thread of a process is given once. */
export interface ThreadSettings {
  readonly store: StoreSettings;
  /** Bytes a thread may use. */
  readonly memory: number;
  /** How remote files are reached. */
  readonly transfer: TransferSettings;
  /** See thread-loading.ts. */
  readonly loading: Int32Array;
}

/** Units of one phase on their way to a thread: ids and small plain data, never rows. */
export interface ThreadTask {
  readonly common: Omit<UnitTask, keyof OwnPart>;
  readonly units: readonly OwnPart[];
  readonly policy: AccessPolicy;
  readonly processors: ProcessorSettings;
  /** Shared words, see SIGNALS. */
  readonly signals: Int32Array;
  /** Where answers go as they come, one or several in a message. */
  readonly answers: MessagePort;
}

/** In what the units of a phase differ. */
type OwnPart = Pick<UnitTask, "unit" | "token">;

/** Words of ThreadTask.signals: set by the main thread / counted by the engine thread for each unit from there on. */
export const SIGNALS = { stop: 0, rows: 1 } as const;

export type ThreadAnswer =
  { readonly outcome: UnitOutcome } | { readonly fault: FaultRecord; readonly stack: string };

export interface NumberedAnswer {
  /** Place of the unit in ThreadTask.units. */
  readonly at: number;
  readonly answer: ThreadAnswer;
}
