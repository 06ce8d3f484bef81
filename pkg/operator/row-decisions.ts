import { mergeCorrections, NO_CORRECTIONS, type Corrections, type RunRecord } from "#pkg/workflow";
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
  const document = await ports.store.putDocument(JSON.stringify(corrections));
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
  const { corrections } = run.documents;
  const applied = corrections === undefined ? NO_CORRECTIONS : await read(ports, corrections);
  return mergeCorrections([applied, await newRowDecisions(ports, run, node)]);
}

const read = async (ports: OperatorPorts, hash: string): Promise<Corrections> =>
  JSON.parse(await ports.store.document(hash)) as Corrections;

/** What was decided about the rejected rows of a run, or of one node of it, since it ended. */
export async function newRowDecisions(
  ports: OperatorPorts,
  run: RunRecord,
  node?: string,
): Promise<Corrections> {
  const parts: Corrections[] = [];
  for (const decision of await ports.store.decisions())
    if (
      decision["kind"] === KIND &&
      decision["incarnation"] === run.incarnation &&
      decision["run"] === run.run
    )
      parts.push(await read(ports, decision["document"] as string));
  const { corrected, waived } = mergeCorrections(parts);
  const isAsked = (row: { readonly node: string }): boolean =>
    node === undefined || row.node === node;
  return { corrected: corrected.filter(isAsked), waived: waived.filter(isAsked) };
}
