import { counted } from "#pkg/fault";
import type { PreparedRetry } from "#pkg/operator";
import { hasWork, type RetryStep } from "#pkg/workflow";
import { table } from "./show-summary.ts";

/** A retry plan for machines (`plan --json`). */
export interface RetryPlanReport {
  readonly keyspace: string;
  /** The run that is retried. */
  readonly of: number;
  /** Of a corrected script. */
  readonly diff: string | null;
  readonly nothingToDo: boolean;
  /** Decisions about rejected rows that only a replay applies. */
  readonly decided: PreparedRetry["decided"];
  readonly refusals: PreparedRetry["plan"]["refusals"];
  readonly nodes: readonly {
    readonly node: string;
    readonly action: RetryStep["action"];
    readonly reason: string;
    readonly adopted: number;
    /** Batches, or units of other phases, that are executed although others of the node are taken over. */
    readonly units: RetryStep["units"];
  }[];
}

export const retryPlanReport = ({ of, plan, script, decided }: PreparedRetry): RetryPlanReport => ({
  keyspace: of.keyspace,
  of: of.run,
  diff: script.corrected?.diff ?? null,
  nothingToDo: !hasWork(plan),
  decided,
  refusals: plan.refusals,
  nodes: plan.steps.map(({ node, action, reason, adopted, units }) => ({
    node,
    action,
    reason,
    adopted,
    units,
  })),
});

const MOST_UNITS = 10;

/** The same for people: one line a node, the batches that are executed below it, then what speaks against it. */
export function retryPlanText(prepared: PreparedRetry, appliesDecisions = false): string {
  const { of, plan, script } = prepared;
  const cells = plan.steps.map((step) => [step.node, step.action, batchesOf(step), step.reason]);
  const heads = table(cells, cells[0]?.length ?? 0);
  const lines = plan.steps.flatMap(({ units }, at) => [`  ${heads[at]}`].concat(unitLines(units)));
  const diff = script.corrected?.diff ?? "";
  const difference = diff === "" ? [] : ["the corrected script differs:", indented(diff)];
  const refused = plan.refusals.map(({ node, reason, hint }) =>
    node === undefined
      ? `refused: ${reason}\n  → ${hint}`
      : `refused: node "${node}": ${reason}\n  → ${hint}`,
  );
  const nothing =
    hasWork(plan) || refused.length > 0 ? [] : [`nothing to do: ${whyNothing(prepared)}`];
  const head = `retry of run ${of.run} of keyspace ${of.keyspace}:`;
  const open = appliesDecisions ? [] : decidedLines(prepared);
  return `${[head, ...lines, ...difference, ...open, ...refused, ...nothing].join("\n")}\n`;
}

/** Decisions change nothing until they are replayed, so a retry tells that there are some. */
function decidedLines({ of: { keyspace, run }, decided }: PreparedRetry): readonly string[] {
  const { corrected, waived } = decided;
  if (corrected + waived === 0) return [];
  const what = [corrected > 0 ? "corrections" : "", waived > 0 ? "waivers" : ""]
    .filter((text) => text !== "")
    .join(" and ");
  return [
    `not applied by a retry: ${what} of rejected rows`,
    `  → capitoolbelt replay --keyspace ${keyspace} --run ${run} applies them; after this retry they can still be replayed.`,
  ];
}

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");

function batchesOf({ action, adopted, units }: RetryStep): string {
  if (action === "adopt") return counted(adopted, "batch");
  if (action === "continue") return `${units.length} again, ${adopted} taken over`;
  return action === "execute" ? "all batches" : "";
}

function unitLines(units: RetryStep["units"]): readonly string[] {
  const shown = units
    .slice(0, MOST_UNITS)
    .map(
      ({ phase, unit, reason }) => `      ${phase === "rows" ? "batch" : phase} ${unit}: ${reason}`,
    );
  return units.length > MOST_UNITS
    ? [...shown, `      and ${units.length - MOST_UNITS} more`]
    : shown;
}

const whyNothing = ({ of, plan }: PreparedRetry): string =>
  plan.steps.every(({ action }) => action === "adopt")
    ? `every node of run ${of.run} succeeded`
    : "nothing of this size is left; see the reasons above";
