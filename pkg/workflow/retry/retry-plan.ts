import type { Script } from "#pkg/script";
import type { Adoption } from "../adoption.ts";
import type { UnitsByPhase } from "../manifest.ts";
import type { NodeRecord, PhaseName, RunRecord } from "../records.ts";
import type { InputFacts } from "./changed-files.ts";

/** How much of a run is executed again. */
export type RetrySize =
  /** What did not succeed: nodes with failed batches and what they held up, nodes with batches that never ran, or both. */
  | { readonly kind: "unfinished"; readonly failed: boolean; readonly missing: boolean }
  /** These nodes wholly, on request with everything that reads them. */
  | { readonly kind: "nodes"; readonly nodes: readonly string[]; readonly below: boolean }
  /** These batches of these nodes, and everything below. */
  | { readonly kind: "batches"; readonly batches: Readonly<Record<string, readonly number[]>> }
  | { readonly kind: "all" };

export interface RetryRequest {
  readonly size: RetrySize;
  /** Files are taken as they are now; batches whose file changed are executed again. */
  readonly changedFiles: boolean;
}

/** A node of the retried run, with its units unless it succeeded and nobody asks for single batches. */
export interface RetriedNode {
  readonly record: NodeRecord;
  readonly units: UnitsByPhase;
}

export interface RetryFacts {
  /** The run to retry; it has ended. */
  readonly run: RunRecord;
  /** What that run executed. */
  readonly before: Script;
  /** What the retry executes; the same script unless a corrected one was given. */
  readonly script: Script;
  /** Nodes that the retry may concern, sources before readers. */
  readonly affected: readonly string[];
  readonly nodes: ReadonlyMap<string, RetriedNode>;
  readonly inputs: InputFacts;
  /** Runs of the keyspace that were stopped or invalidated. */
  readonly stopped: ReadonlySet<number>;
}

export interface RetryStep {
  readonly node: string;
  /**
   * `adopt`: the result is taken over. `continue`: some units are taken over, the others executed. `execute`: all of it is
   * executed. `leave`: not part of the retry.
   */
  readonly action: "adopt" | "continue" | "execute" | "leave";
  readonly reason: string;
  /** Batches taken over. */
  readonly adopted: number;
  /** Of `continue`: what is executed before the later phases, and why. */
  readonly units: readonly UnitStep[];
  /** Numbers of the input files that are read. */
  readonly files: readonly number[];
  readonly adoption?: Adoption;
}

export interface UnitStep {
  readonly phase: PhaseName;
  readonly unit: number;
  readonly reason: string;
}

/** Something that forbids the retry as asked for. */
export interface RetryRefusal {
  readonly node?: string;
  readonly reason: string;
  /** What can be asked for instead. */
  readonly hint: string;
}

export interface RetryPlan {
  /** In the order of `affected`. */
  readonly steps: readonly RetryStep[];
  readonly refusals: readonly RetryRefusal[];
}

/** Whether a retry would execute anything; one that only adopts is not made (W18). */
export const hasWork = ({ steps }: Pick<RetryPlan, "steps">): boolean => steps.some(isExecuting);

export const isExecuting = ({ action }: RetryStep): boolean =>
  action === "execute" || action === "continue";
