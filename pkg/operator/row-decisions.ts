import { openDecidedRows, type DecidedRows } from "#pkg/table";
import {
  NO_DECISIONS,
  openLayer,
  readAppliedDecisions,
  type AppliedDecisions,
  type DecisionLayer,
  type RunRecord,
} from "#pkg/workflow";
import type { DecisionWriter } from "./decision-writer.ts";
import type { OperatorPorts } from "./ports.ts";

const KIND = "rejected rows";

export interface Decider {
  /** Who decides, for the record. */
  readonly by: string;
  readonly comment: string;
}

/** Keeps what was decided about rejected rows of a run, if anything was; decisions are never changed, later ones win. */
export async function recordRowDecision(
  ports: OperatorPorts,
  { incarnation, keyspace, run }: RunRecord,
  writer: DecisionWriter,
  { by, comment }: Decider,
): Promise<void> {
  const document = await writer.finish();
  if (document === undefined) return;
  const { corrected, waived } = writer;
  const id = ports.newId();
  const what = { keyspace, incarnation, run, document, corrected, waived };
  await ports.store.putDecision({ id, kind: KIND, at: ports.now(), by, comment, ...what });
}

export const openDecisions = (
  { store }: OperatorPorts,
  { layers }: AppliedDecisions,
): Promise<DecidedRows> => openDecidedRows(layers, (hash) => store.document(hash));

/** What is new about a run together with what it applied already. */
export async function withApplied(
  ports: OperatorPorts,
  run: RunRecord,
  fresh: AppliedDecisions,
): Promise<AppliedDecisions> {
  const applied = await appliedBy(ports, run);
  return {
    layers: [...applied.layers, ...fresh.layers],
    decisions: [...applied.decisions, ...fresh.decisions],
  };
}

async function appliedBy(
  { store }: OperatorPorts,
  { documents: { corrections } }: RunRecord,
): Promise<AppliedDecisions> {
  return corrections === undefined
    ? NO_DECISIONS
    : readAppliedDecisions(corrections, await store.document(corrections));
}

/**
 * What was decided about the rejected rows of a run, or of one node of it, and not applied yet: since the run ended, and about the
 * runs that it retries without having applied it.
 */
export async function newRowDecisions(
  ports: OperatorPorts,
  run: RunRecord,
  node?: string,
): Promise<AppliedDecisions> {
  const applied = await appliedBy(ports, run);
  const layers: DecisionLayer[] = [];
  const decisions: AppliedDecisions["decisions"][number][] = [];
  const runs = await retriedRuns(ports, run);
  for (const decision of await ports.store.decisions()) {
    if (decision["kind"] !== KIND || decision["incarnation"] !== run.incarnation) continue;
    if (!runs.has(decision["run"] as number)) continue;
    const { id, document } = decision as { readonly id: string; readonly document: string };
    const layer = openLayer({ id, document }, applied.decisions, node);
    if (layer === undefined) continue;
    layers.push(layer);
    decisions.push(node === undefined ? { id } : { id, node });
  }
  return { layers, decisions };
}

/** The run, and those that it retries directly or through others. */
async function retriedRuns(
  { store }: OperatorPorts,
  { incarnation, run, retry }: RunRecord,
): Promise<ReadonlySet<number>> {
  const runs = new Set([run]);
  for (let of = retry?.of; of !== undefined && !runs.has(of);) {
    runs.add(of);
    of = (await store.run(incarnation, of))?.retry?.of;
  }
  return runs;
}
