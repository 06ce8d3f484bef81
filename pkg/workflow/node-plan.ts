import type { ScriptNode, TableReaderNode } from "#pkg/script";
import type { Manifest, NodePlan, PhaseName, RunConstants, UnitOutcome } from "./records.ts";

/** What a plan needs to know of a table that is read. */
export type SourceSize = Pick<Manifest, "rows" | "bytes"> & { readonly batches: number };

export const sourceSize = ({ rows, bytes, batches }: Manifest): SourceSize => ({
  rows,
  bytes,
  batches: batches.length,
});

/** Everything a plan depends on; never a worker's memory, number of threads or settings (design 5, Lookup). */
export interface PlanFacts {
  readonly reader?: SourceSize;
  readonly lookup?: SourceSize;
  /** Frozen sizes of the input files, in URL order. */
  readonly inputs?: readonly number[];
}

type Phase = NodePlan["phases"][number];

const ROWS_PER_BATCH = 50_000;
const MOST_BATCHES = 1000;
const BYTES_PER_PARTITION = 16 * 1024 * 1024;
const MOST_PARTITIONS = 1024;
const MOST_JOIN_UNITS = 64;
const MOST_FINISH_UNITS = 16;
const EMPTY: SourceSize = { rows: 0, bytes: 0, batches: 0 };

/**
 * How a node is executed. Join and finish units take the partitions p with p % units === unit. The rows units of a node
 * with a split phase are preliminary until afterSplit.
 */
export function nodePlan(node: ScriptNode, facts: PlanFacts, constants: RunConstants): NodePlan {
  const plan = workPlan(node, facts, constants);
  return node.checks === undefined
    ? plan
    : { ...plan, phases: [...plan.phases, phase("check", 1)] };
}

function workPlan(node: ScriptNode, facts: PlanFacts, constants: RunConstants): NodePlan {
  const partitions = partitionsOf(node, facts, constants);
  const finish = finishPhase(node, partitions);
  if (node.kind === "file_table") {
    const files = node.reader.urls.length;
    const isLarge = (facts.inputs ?? []).some((size) => size > constants.rangeSize);
    const split = isLarge ? [phase("split", files)] : [];
    return {
      phases: [...split, phase("rows", files), ...finish],
      batches: files,
      partitions,
    };
  }
  const batches = batchesOf(node, facts.reader ?? EMPTY);
  const rows = phase("rows", batches);
  if (node.kind !== "table_lookup_table") return { phases: [rows, ...finish], batches, partitions };
  const right = facts.lookup ?? EMPTY;
  if (right.bytes <= constants.broadcastLimit)
    return { phases: [rows, ...finish], batches, partitions, lookup: "broadcast" };
  const shuffle = phase("shuffle", batches + right.batches);
  const join = phase("join", Math.min(partitions, MOST_JOIN_UNITS));
  return { phases: [shuffle, join, rows, ...finish], batches, partitions, lookup: "partitioned" };
}

const phase = (name: PhaseName, units: number): Phase => ({ name, units });

function batchesOf(node: TableReaderNode, source: SourceSize): number {
  if (node.reader.batches !== undefined) return node.reader.batches;
  if (node.kind === "table_file") return 1;
  return Math.min(Math.max(Math.ceil(source.rows / ROWS_PER_BATCH), 1), MOST_BATCHES);
}

const finishPhase = (node: ScriptNode, partitions: number): readonly Phase[] =>
  node.kind === "table_file" || !node.writer.indexes.some(({ unique }) => unique)
    ? []
    : [phase("finish", Math.min(partitions, MOST_FINISH_UNITS))];

function partitionsOf(node: ScriptNode, facts: PlanFacts, constants: RunConstants): number {
  if (constants.partitions > 0) return powerOfTwo(constants.partitions);
  const bytes =
    node.kind === "file_table"
      ? (facts.inputs ?? []).reduce((sum, size) => sum + size, 0)
      : (facts.reader ?? EMPTY).bytes + (facts.lookup ?? EMPTY).bytes;
  return powerOfTwo(bytes / BYTES_PER_PARTITION);
}

/** The smallest power of two that is not below `wanted`, within what partitions may be. */
const powerOfTwo = (wanted: number): number =>
  Math.min(2 ** Math.ceil(Math.log2(Math.max(wanted, 1))), MOST_PARTITIONS);

/** The plan once the ranges of large files are known: one rows unit a range. Outcomes of the split units, in unit order. */
export function afterSplit(plan: NodePlan, outcomes: readonly UnitOutcome[]): NodePlan {
  const ranges = outcomes.reduce((sum, outcome) => sum + (outcome.ranges ?? 1), 0);
  const units = Math.max(ranges, 1);
  return {
    ...plan,
    batches: outcomes.length === 1 ? units : plan.batches,
    phases: plan.phases.map((phase) => (phase.name === "rows" ? { ...phase, units } : phase)),
  };
}
