import type { FaultRecord } from "#pkg/fault";

/** Facts about runs, nodes and units as the control store keeps them. All are plain JSON data. */

export type RunState = "running" | "complete" | "stopped";

/** Constants of a run: fixed at start, recorded, never taken from a worker's surroundings (design 11, --set). */
export interface RunConstants {
  readonly chunkRows: number;
  readonly chunkBytes: number;
  /** Bytes of one range of a large input file. */
  readonly rangeSize: number;
  /** Bytes of right side up to which a lookup is broadcast. */
  readonly broadcastLimit: number;
  /** Hash partitions; 0 = chosen from the size of the input. */
  readonly partitions: number;
}

export interface RunRecord {
  readonly incarnation: string;
  readonly keyspace: string;
  /** 1, 2, 3… in the keyspace. */
  readonly run: number;
  /** Raised by one with every write; what conditional writes expect. */
  readonly version: number;
  readonly state: RunState;
  /** Raised by stop; commits carry the epoch they were claimed under. */
  readonly epoch: number;
  readonly startNodes: readonly string[];
  /** Affected nodes, sources before readers. */
  readonly affected: readonly string[];
  /** When present, the other affected nodes stay `none` and do not count for completion. */
  readonly onlyNodes?: readonly string[];
  /** Sessions that may execute the run; empty = any worker. */
  readonly executors: readonly string[];
  /** Content hashes of frozen documents. `script` is the JSON of the Script, `inputs` of FrozenInputs. */
  readonly documents: {
    readonly script: string;
    readonly scriptText: string;
    readonly parameters: string;
    readonly inputs: string;
    /** AppliedDecisions: what this run applies to rows that an earlier one rejected. */
    readonly corrections?: string;
  };
  readonly scriptUrl: string;
  readonly parametersUrl: string;
  /** Folder that relative paths of the script were made absolute against. */
  readonly folder?: string;
  /** Present in a retry: the run it retries and what it adopts of it. */
  readonly retry?: RetryOrigin;
  readonly description: string;
  readonly startedBy: string;
  readonly constants: RunConstants;
  /** Resolved targets of all files the run may publish. */
  readonly outputs: readonly string[];
  /** Wall clock, milliseconds; for people only, never compared to decide. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Set when stopped; a completed run that is invalidated keeps its endedAt and outcome. */
  readonly stoppedAt?: number;
  /** Set when complete. */
  readonly outcome?: "succeeded" | "failed" | "partly";
  readonly comment: string;
}

export interface RetryOrigin {
  readonly of: number;
  /** Content hash of the Adoptions. */
  readonly adoptions: string;
  /** Content hash of the difference to the script of the retried run, when a corrected one was given. */
  readonly diff?: string;
  /** Where the corrected script was; the run's own scriptUrl stays that of the first run, by which runs are compared. */
  readonly scriptUrl?: string;
}

/** One input file as found at run start; `missing` when it could not be read then (P6). */
export interface FrozenInput {
  readonly node: string;
  readonly url: string;
  readonly size: number;
  readonly version: string;
  readonly missing?: FaultRecord;
}

export type NodeState =
  "none" | "waiting" | "running" | "publishing" | "success" | "fail" | "stopreceived" | "skipped";

export interface NodeRecord {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  readonly version: number;
  readonly state: NodeState;
  /** What a waiting node waits for, in plain words: rule, run, node (P4). */
  readonly reason?: string;
  /** Recorded once, before the first phase opens. */
  readonly verdict?: Verdict;
  readonly plan?: NodePlan;
  /** Index into plan.phases while running. */
  readonly phase?: number;
  /** Present from the end of the last phase on. */
  readonly manifest?: string;
  /**
   * Finished outputs that vanished before publication, in the order they were missed. Entry j is executed again as unit
   * (units of the rows phase + j); a final unit never changes (W2).
   */
  readonly lost?: readonly { readonly unit: number; readonly token: string }[];
  /** What its checks found, whether they hold or not. */
  readonly checks?: readonly CheckResult[];
  /** Why it failed or was skipped. */
  readonly cause?: FaultRecord;
  readonly warnings?: readonly string[];
  /** The run that executed the node, when this run took its result over as it is. */
  readonly adopted?: { readonly run: number };
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** The source runs of a node, chosen once (P6, design 4.2). */
export interface Verdict {
  readonly reader?: SourceVersion;
  readonly lookup?: SourceVersion;
  /** The rule and the events it was based on, for people. */
  readonly evidence: readonly string[];
}

export interface SourceVersion {
  readonly run: number;
  readonly node: string;
  readonly manifest: string;
}

export const PHASES = ["split", "shuffle", "join", "rows", "finish", "check"] as const;
/** Phases in which units run; publish is a step of the control plane. */
export type PhaseName = (typeof PHASES)[number];

/** How a node is executed; fixed when it becomes ready, from manifests and run constants only. */
export interface NodePlan {
  /** In order; each has at least one unit. `rows` is always there. */
  readonly phases: readonly { readonly name: PhaseName; readonly units: number }[];
  /** Batches people see: units of `rows`, or files for a reader of several files. */
  readonly batches: number;
  /** Hash partitions of indexes and partitioned joins, a power of two. */
  readonly partitions: number;
  readonly lookup?: "broadcast" | "partitioned";
}

/** What became of one check of a node; texts for people. */
export interface CheckResult {
  /** What was asked. */
  readonly check: string;
  readonly description: string;
  readonly severity: "warn" | "fail";
  /** skipped: there was nothing to compare with. */
  readonly outcome: "passed" | "failed" | "skipped";
  readonly found: string;
}

export type UnitState = "running" | "success" | "fail";

/** Absent record = pending: never tried, or handed back (the store keeps its history for the next claim). */
export interface UnitRecord {
  readonly state: UnitState;
  /** Fences everything the attempt writes; the committed one when state is success. */
  readonly token: string;
  readonly session: string;
  readonly epoch: number;
  /** 1, 2, 3…; for people; never reset. */
  readonly attempt: number;
  /** Attempts that ended with a retryable fault reported by a living process, or with a crashed thread. */
  readonly faults: number;
  /** Attempts lost together with their process. */
  readonly losses: number;
  /** Why earlier attempts ended, oldest first; the last one also explains `fail`. */
  readonly causes: readonly FaultRecord[];
  readonly outcome?: UnitOutcome;
  readonly startedAt: number;
  readonly endedAt?: number;
}

/** Rows of one unit (P7): read = written + filtered + rejected + waived + duplicates, by the rule of the node kind. */
export interface RowCounts {
  readonly read: number;
  readonly written: number;
  readonly filtered: number;
  /** Set aside because they could not be processed, without those that people waived. */
  readonly rejected: number;
  readonly duplicates: number;
  /** Rejected rows that people decided to leave out; absent: none. */
  readonly waived?: number;
  /** Rows read in a corrected form, whatever became of them; absent: none. */
  readonly corrected?: number;
}

/** What a successful unit leaves behind. */
export interface UnitOutcome {
  readonly counts: RowCounts;
  /** Rows of each chunk written, in order. */
  readonly chunks: readonly number[];
  /** Rows of each piece of rejected rows, in order; absent: none. */
  readonly rejects?: readonly number[];
  /** Bytes of all pieces written. */
  readonly bytes: number;
  /** Hex hash over the canonical encoding of the values written, in order. */
  readonly valueHash: string;
  /** check: what became of each check of the node, in the order of the script. */
  readonly checks?: readonly CheckResult[];
  /** finish: rows dropped per batch. */
  readonly dropped?: readonly { readonly batch: number; readonly rows: number }[];
  /** split: how many units the rows phase gets. */
  readonly ranges?: number;
  /** table_file: the finished temporary object. */
  readonly output?: {
    readonly url: string;
    readonly token: string;
    readonly size: number;
    readonly sha256: string;
    readonly upload?: { readonly id: string; readonly parts: readonly string[] };
  };
  readonly warnings?: readonly string[];
  /** The run whose attempt this is and under whose place its data lies; absent: the run of the unit. */
  readonly from?: number;
}

/** The immutable list of what a node wrote; everything that reads a table goes through it (design 4.4). */
export interface Manifest {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  /** By batch number. */
  readonly batches: readonly ManifestBatch[];
  /** Committed attempts of the finish phase; they hold the dropped row positions. */
  readonly selections: readonly {
    readonly unit: number;
    readonly token: string;
    readonly from?: number;
  }[];
  /** Visible rows of all batches. */
  readonly rows: number;
  readonly bytes: number;
  /** Hash partitions of the indexes. */
  readonly partitions: number;
  /** table_file: what is published. */
  readonly outputs: readonly NonNullable<UnitOutcome["output"]>[];
}

export interface ManifestBatch {
  readonly batch: number;
  readonly token: string;
  /** Rows in chunks, dropped ones included. */
  readonly stored: number;
  /** Rows that readers see. */
  readonly rows: number;
  readonly chunks: readonly number[];
  readonly bytes: number;
  readonly valueHash: string;
  /** The run under whose place the data lies, when it is another one than the manifest's. */
  readonly from?: number;
}

/** A transition worth telling people about; numbered per run. */
export interface WorkflowEvent {
  readonly number: number;
  readonly at: number;
  readonly node?: string;
  readonly kind: string;
  readonly text: string;
}
