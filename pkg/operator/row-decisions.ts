import {
  correctionsText,
  mergeCorrections,
  NO_CORRECTIONS,
  readCorrections,
  type AppliedDecision,
  type Corrections,
  type RunRecord,
} from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";

const KIND = "rejected rows";

export interface Decider {
  /** Who decides, for the record. */
  readonly by: string;
  readonly comment: string;
}

/** Keeps what was decided about rejected rows of a run; decisions are never changed, later ones win. */
export async function recordRowDecision(
  ports: OperatorPorts,
  { incarnation, keyspace, run }: RunRecord,
  corrections: Corrections,
  { by, comment }: Decider,
): Promise<void> {
  const document = await ports.store.putDocument(correctionsText(corrections));
  await ports.store.putDecision({
    id: ports.newId(),
    kind: KIND,
    at: ports.now(),
    by,
    comment,
    keyspace,
    incarnation,
    run,
    document,
    corrected: corrections.corrected.length,
    waived: corrections.waived.length,
  });
}

/** What a run applied already, and what was decided about its rejected rows, or those of one node, since. */
export async function rowDecisions(
  ports: OperatorPorts,
  run: RunRecord,
  node?: string,
): Promise<Corrections> {
  return withApplied(ports, run, await newRowDecisions(ports, run, node));
}

/** What is new about a run together with what it applied already. */
export async function withApplied(
  ports: OperatorPorts,
  run: RunRecord,
  fresh: Corrections,
): Promise<Corrections> {
  if (run.documents.corrections === undefined) return fresh;
  const applied = await appliedBy(ports, run);
  const decisions = [...(applied.decisions ?? []), ...(fresh.decisions ?? [])];
  return { ...mergeCorrections([applied, fresh]), decisions };
}

async function appliedBy(
  ports: OperatorPorts,
  { documents: { corrections } }: RunRecord,
): Promise<Corrections> {
  return corrections === undefined ? NO_CORRECTIONS : read(ports, corrections);
}

const read = async (ports: OperatorPorts, hash: string): Promise<Corrections> =>
  readCorrections(await ports.store.document(hash));

/**
 * What was decided about the rejected rows of a run, or of one node of it, and not applied yet: since the run ended, and about the
 * runs that it retries without having applied it.
 */
export async function newRowDecisions(
  ports: OperatorPorts,
  run: RunRecord,
  node?: string,
): Promise<Corrections> {
  const applied = await appliedBy(ports, run);
  const parts: Corrections[] = [];
  const decisions: AppliedDecision[] = [];
  const runs = await retriedRuns(ports, run);
  for (const decision of await ports.store.decisions()) {
    if (decision["kind"] !== KIND || decision["incarnation"] !== run.incarnation) continue;
    if (!runs.has(decision["run"] as number)) continue;
    const decided = await read(ports, decision["document"] as string);
    const id = decision["id"] as string;
    parts.push(
      decision["run"] === run.run
        ? ofNode(decided, node)
        : withoutApplied(ofNode(decided, node), applied, id),
    );
    decisions.push(node === undefined ? { id } : { id, node });
  }
  return { ...mergeCorrections(parts), decisions };
}

function ofNode({ corrected, waived }: Corrections, node: string | undefined): Corrections {
  const isAsked = (row: { readonly node: string }): boolean =>
    node === undefined || row.node === node;
  return { corrected: corrected.filter(isAsked), waived: waived.filter(isAsked) };
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

/** Decisions about an earlier run that the later one has applied are no news about it. */
function withoutApplied(
  { corrected, waived }: Corrections,
  applied: Corrections,
  id: string,
): Corrections {
  const isNew =
    applied.decisions === undefined ? isUnknownTo(applied) : isLeftBy(applied.decisions, id);
  return { corrected: corrected.filter(isNew), waived: waived.filter(isNew) };
}

function isLeftBy(decisions: readonly AppliedDecision[], id: string) {
  const own = decisions.filter((decision) => decision.id === id);
  return (row: { readonly node: string }): boolean =>
    !own.some(({ node }) => node === undefined || node === row.node);
}

/** Older versions did not note which decisions they applied. */
function isUnknownTo(applied: Corrections) {
  const known = new Set(
    [...applied.corrected, ...applied.waived].map((row) => JSON.stringify(row)),
  );
  return (row: object): boolean => !known.has(JSON.stringify(row));
}
