import type { UnitTask } from "#pkg/workflow";
import { blockBytesOf } from "./budget.ts";
import { nodeOf } from "./unit-context.ts";
import type { EnginePorts } from "./types.ts";

/** Of quick units whose memory is not known beforehand. */
const FEW = 2;
/** More wait for the store no better. */
const MOST = 32;
/** A stored byte that tells a whole number may become eight. */
const UNFOLDED = 8;

/**
 * How many quick units of the phase of this one may be in work at the same time in one thread, which waits for the store most of the
 * time when they are small. Units that only go through the rows of a table share the memory of one block of rows; custom code
 * has one unit at a time.
 */
export async function unitsAtOnce(
  task: UnitTask,
  ports: Pick<EnginePorts, "control" | "memory">,
): Promise<number> {
  const { kind } = await nodeOf(task, ports);
  if (kind === "table_custom_tfm_table") return 1;
  const source = task.verdict.reader;
  const goesThrough = kind === "table_table" || kind === "distinct_table";
  if (!goesThrough || task.phase !== "rows" || source === undefined) return FEW;
  const { batches } = await ports.control.manifest(task.incarnation, source.manifest);
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0) / task.plan.batches;
  const fitting = Math.floor(blockBytesOf(ports.memory) / (bytes * UNFOLDED + 1));
  return Math.min(MOST, Math.max(FEW, fitting));
}
