import type { NodePlan, PhaseName, RunConstants, Verdict } from "./records.ts";

/** One attempt at one unit, as plain data: what control claims and a worker sends to an engine thread. */
export interface UnitTask {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  readonly phase: PhaseName;
  /** The share of the work of the phase to execute. */
  readonly unit: number;
  readonly token: string;
  /** Hash of the frozen Script document; threads keep the parsed script by hash. */
  readonly script: string;
  /** Hash of the frozen inputs document (JSON of FrozenInput[]). */
  readonly inputs: string;
  /** Hash of the frozen AppliedDecisions. */
  readonly corrections?: string;
  readonly constants: RunConstants;
  readonly plan: NodePlan;
  readonly verdict: Verdict;
}
