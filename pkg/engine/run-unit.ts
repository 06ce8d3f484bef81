import { Fault } from "#pkg/fault";
import type {
  CustomNode,
  DistinctNode,
  FileTableNode,
  LookupNode,
  NodeKind,
  TableFileNode,
  TableTableNode,
  TableWriterNode,
} from "#pkg/script";
import type { PhaseName, UnitOutcome } from "#pkg/workflow";
import { customRows } from "./custom-rows.ts";
import { fileOutput } from "./file-output.ts";
import { fileRows } from "./file-rows.ts";
import { splitFile } from "./file-split.ts";
import { finishUnique } from "./finish-unique.ts";
import { joinPartitions } from "./lookup-join.ts";
import { runChecks } from "./run-checks.ts";
import { lookupRows } from "./lookup-rows.ts";
import { shuffleRows } from "./lookup-shuffle.ts";
import { tableRows } from "./table-rows.ts";
import type { NodeContext, RunUnit } from "./types.ts";
import { openContext } from "./unit-context.ts";

type Phase = (context: NodeContext) => Promise<UnitOutcome>;

/** The table of runners below pairs every kind with runners for exactly that kind. */
const runner =
  <Node>(run: (context: NodeContext & { readonly node: Node }) => Promise<UnitOutcome>): Phase =>
  (context) =>
    run(context as NodeContext & { readonly node: Node });

const finish = runner<TableWriterNode>(finishUnique);

const PHASES = {
  file_table: {
    split: runner<FileTableNode>(splitFile),
    rows: runner<FileTableNode>(fileRows),
    finish,
  },
  table_table: { rows: runner<TableTableNode>(tableRows), finish },
  table_lookup_table: {
    shuffle: runner<LookupNode>(shuffleRows),
    join: runner<LookupNode>(joinPartitions),
    rows: runner<LookupNode>(lookupRows),
    finish,
  },
  distinct_table: { rows: runner<DistinctNode>(tableRows), finish },
  table_custom_tfm_table: { rows: runner<CustomNode>(customRows), finish },
  table_file: { rows: runner<TableFileNode>(fileOutput) },
} satisfies Record<NodeKind, Partial<Record<PhaseName, Phase>>>;

export const runUnit: RunUnit = async (task, ports) => {
  const context = await openContext(task, ports);
  context.progress.advance(0);
  const phases: Partial<Record<PhaseName, Phase>> = {
    ...PHASES[context.node.kind],
    check: runChecks,
  };
  const phase = phases[task.phase];
  if (phase === undefined)
    throw new Fault("INTERNAL", `a ${context.node.kind} node has no phase ${task.phase}`, {
      facts: { node: task.node },
    });
  return phase(context);
};
