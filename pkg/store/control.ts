import type { FaultRecord } from "#pkg/fault";
import type {
  Manifest,
  NodeRecord,
  PhaseName,
  RunRecord,
  UnitOutcome,
  UnitRecord,
  WorkflowEvent,
} from "#pkg/workflow";

/**
 * The truth about keyspaces, runs, nodes and units (design 4.1). Every write that decides something is conditional: it names
 * the version or token it expects and is refused, never merged, when that is not what is there. Conditional writes carry
 * enough identity (token, version) to be repeated safely after an unknown outcome: repeating the same write answers the same.
 */
export interface ControlStore extends AsyncDisposable {
  // ---- registry of keyspaces
  /** The live keyspace of that name, created when absent. Throws KEYSPACE_DROPPING while one of that name is going away. */
  openKeyspace(name: string, incarnation: string): Promise<KeyspaceRecord>;
  keyspace(name: string): Promise<KeyspaceRecord | undefined>;
  /** In name order. */
  keyspaces(): Promise<readonly KeyspaceRecord[]>;
  /** live → dropping; from then on claims, commits and node transitions of the incarnation are refused. False: not live. */
  beginDrop(name: string, incarnation: string): Promise<boolean>;
  /** Forgets the keyspace with its runs, nodes, units and manifests; summaries and decisions stay. */
  endDrop(name: string, incarnation: string): Promise<void>;

  // ---- frozen documents, content-addressed
  /** Hex SHA-256 of the text. */
  putDocument(text: string): Promise<string>;
  /** Throws STORE_DAMAGED when there is no such document. */
  document(hash: string): Promise<string>;

  // ---- runs
  /**
   * Makes a fully frozen run visible, with a node record in state `none` for every affected node, if `record.run` is the number
   * after the newest run of the keyspace. False: another run was started meanwhile. Repeating an insert that succeeded is true.
   */
  insertRun(record: RunRecord): Promise<boolean>;
  run(incarnation: string, run: number): Promise<RunRecord | undefined>;
  /** A run and its nodes as they are together at one moment, in one look. */
  runWithNodes(incarnation: string, run: number): Promise<RunWithNodes | undefined>;
  /** By run number. */
  runs(incarnation: string): Promise<readonly RunRecord[]>;
  /**
   * The running runs of all live keyspaces, for workers that look for work; one cheap read whatever the number of keyspaces and
   * ended runs. May lag behind on a cluster in that it names a run that has ended, never in that it leaves one out.
   */
  activeRuns(): Promise<readonly { readonly incarnation: string; readonly run: number }[]>;
  /** Writes `next` (next.version = expected + 1) if the stored version is the expected one. */
  updateRun(next: RunRecord, event?: NewEvent): Promise<boolean>;

  // ---- nodes of a run
  /** In the order of RunRecord.affected. */
  nodes(incarnation: string, run: number): Promise<readonly NodeRecord[]>;
  updateNode(next: NodeRecord, event?: NewEvent): Promise<boolean>;
  /** Events with a number above `after`, in order. */
  events(incarnation: string, run: number, after: number): Promise<readonly WorkflowEvent[]>;

  // ---- units
  /**
   * Pending (no record, or handed back) → running; or, with `takeover`, running under that token → running under the new one.
   * Refused when the unit is final, claimed by another token, or the keyspace is not live.
   */
  claimUnit(claim: UnitClaim): Promise<ClaimAnswer>;
  /** running under `token` and `epoch` → success or fail. Refused otherwise; a repeat of the applied commit is true. */
  commitUnit(commit: UnitCommit): Promise<boolean>;
  /** running under `token` → pending. `cause` is kept; `counts` says which limit the attempt is charged to, if any. */
  releaseUnit(release: UnitRelease): Promise<boolean>;
  unit(key: UnitKey): Promise<UnitRecord | undefined>;
  /** Records that exist, by unit number. */
  units(
    phase: PhaseKey,
  ): Promise<readonly { readonly unit: number; readonly record: UnitRecord }[]>;
  /**
   * Units 0 to count - 1 that are not final, by number; without a record when pending. Reads little where most are final or were
   * never claimed, unlike `units`.
   */
  unfinished(phase: PhaseKey, count: number): Promise<readonly OpenUnit[]>;
  /**
   * Whether all `count` units of the phase may be final, asked by whoever just ended `key.unit`; cheap. May say no too often when
   * several end at once on a cluster; whoever looks for work next finds out.
   */
  mayBeOver(key: UnitKey, count: number): Promise<boolean>;
  /**
   * How many units of the phase are final, and the rows that the successful ones rejected; cheap, may lag behind on a cluster (a
   * hint, the unit records are the truth).
   */
  progress(phase: PhaseKey): Promise<PhaseProgress>;

  // ---- manifests, content-addressed
  putManifest(manifest: Manifest): Promise<string>;
  /** Throws TABLE_DAMAGED when there is no such manifest. */
  manifest(incarnation: string, id: string): Promise<Manifest>;

  // ---- sessions of worker processes
  putSession(session: SessionRecord): Promise<void>;
  sessions(): Promise<readonly SessionRecord[]>;
  removeSession(session: string): Promise<void>;

  // ---- published files
  /**
   * Records that `output` is about to own its path. Refused when a newer run of the same keyspace owns it, or the run is not
   * running, or the keyspace is not live. Repeating is true.
   */
  claimOutput(output: OutputClaim): Promise<boolean>;

  // ---- installation state that outlives keyspaces
  putSummary(summary: RunSummary): Promise<void>;
  /** Newest first. */
  summaries(scriptName: string): Promise<readonly RunSummary[]>;
  /** Appends; decisions are never changed or deleted. */
  putDecision(decision: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<void>;
  decisions(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface KeyspaceRecord {
  readonly name: string;
  readonly incarnation: string;
  readonly state: "live" | "dropping";
}

export interface RunWithNodes {
  readonly run: RunRecord;
  /** In the order of RunRecord.affected. */
  readonly nodes: readonly NodeRecord[];
}

export interface PhaseKey {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  readonly phase: PhaseName;
}

export interface PhaseProgress {
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
}

export interface UnitKey extends PhaseKey {
  readonly unit: number;
}

/** A unit that is not final; without a record when nobody holds it. */
export interface OpenUnit {
  readonly unit: number;
  readonly record: UnitRecord | undefined;
}

export interface UnitClaim {
  readonly key: UnitKey;
  readonly token: string;
  readonly session: string;
  readonly epoch: number;
  readonly at: number;
  /** The dead attempt's token and why it is taken over; it counts as a loss. */
  readonly takeover?: { readonly token: string; readonly cause: FaultRecord };
}

export type ClaimAnswer =
  | { readonly granted: true; readonly record: UnitRecord }
  | { readonly granted: false; readonly record: UnitRecord | undefined };

export interface UnitCommit {
  readonly key: UnitKey;
  readonly token: string;
  readonly epoch: number;
  readonly at: number;
  readonly result: { readonly outcome: UnitOutcome } | { readonly cause: FaultRecord };
}

export interface UnitRelease {
  readonly key: UnitKey;
  readonly token: string;
  readonly cause: FaultRecord;
  /** `fault`: a retryable fault or thread crash; `none`: hand-back, stop, store outage. */
  readonly counts: "fault" | "none";
}

export type NewEvent = Omit<WorkflowEvent, "number">;

/** One worker process. `counter` is raised on renewal; observers compare it with what they saw, never clocks (design 4.3). */
export interface SessionRecord {
  readonly session: string;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process as the system tells it, so that a reused pid is not taken for the same process. */
  readonly processStart: string;
  readonly bootId: string;
  readonly counter: number;
}

export interface OutputClaim {
  /** Resolved target. */
  readonly path: string;
  readonly incarnation: string;
  readonly run: number;
  readonly token: string;
}

/** What comparisons and estimates need of an ended run; keyed by script name, works across keyspaces. */
export interface RunSummary {
  readonly scriptName: string;
  /** Without secrets; absent in summaries of older versions. */
  readonly scriptUrl?: string;
  readonly scriptHash: string;
  readonly keyspace: string;
  readonly incarnation: string;
  readonly run: number;
  readonly outcome: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly nodes: readonly {
    readonly node: string;
    readonly state: string;
    readonly rows: number;
    /** Of the table; absent in summaries of older versions. */
    readonly bytes?: number;
    readonly batches?: number;
    readonly elapsedMs: number;
    /** Wholly or partly taken over from another run: the time is not that of the node. */
    readonly adopted?: boolean;
  }[];
}
