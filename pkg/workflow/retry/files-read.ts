import type { ScriptNode } from "#pkg/script";
import type { UnitsByPhase } from "../manifest.ts";
import type { NodePlan } from "../records.ts";
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
    if (changeOf(files, at) === "changed") units.set(at, "its file changed");
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
  const ends: number[] = [];
  for (const { record } of units.split)
    ends.push((ends.at(-1) ?? 0) + (record.outcome?.ranges ?? 0));
  return all.filter((at) =>
    rows.some((range) => range >= (ends[at - 1] ?? 0) && range < (ends[at] ?? 0)),
  );
}
