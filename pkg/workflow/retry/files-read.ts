import type { ScriptNode } from "#pkg/script";
import type { NumberedUnit, UnitsByPhase } from "../manifest.ts";
import type { NodePlan, UnitOutcome } from "../records.ts";
import type { OpenUnits } from "./adoptable-units.ts";
import { changeOf, filesOf } from "./changed-files.ts";
import type { RetryContext } from "./context.ts";

/** Files of a reader that are not what they were, when the retry is to take files as they are now; a file is a batch. */
export function changedFileUnits(
  { facts, request }: RetryContext,
  name: string,
): ReadonlyMap<number, string> {
  const units = new Map<number, string>();
  if (!request.changedFiles) return units;
  const files = filesOf(facts.inputs, name);
  for (const at of files.now.keys())
    if (changeOf(files, at)?.kind === "changed") units.set(at, "its file changed");
  return units;
}

/**
 * Numbers of the files that open units of a reader read: a unit of rows is a file, or a range of one when the node was split.
 * While files are still to be split all of them are read.
 */
export function filesRead(
  node: ScriptNode,
  plan: NodePlan,
  { units, open }: { readonly units: UnitsByPhase; readonly open: OpenUnits },
): readonly number[] {
  if (node.kind !== "file_table") return [];
  const all = node.reader.urls.map((_, at) => at);
  const phase = plan.phases[open.phase]?.name;
  const rows = open.units.map(({ unit }) => unit);
  if (phase === "split") return all;
  if (phase !== "rows") return [];
  if (units.split === undefined) return rows;
  return filesOfRanges(units.split, rows);
}

/** What splitting a file leaves; ranges are numbered from file to file. All files are split before a range is read. */
type SplitOutcome = UnitOutcome & { readonly ranges: number };

function filesOfRanges(split: readonly NumberedUnit[], ranges: readonly number[]): number[] {
  const files: number[] = [];
  let end = 0;
  for (const { unit, record } of split) {
    const begin = end;
    end += (record.outcome as SplitOutcome).ranges;
    if (ranges.some((range) => range >= begin && range < end)) files.push(unit);
  }
  return files;
}
