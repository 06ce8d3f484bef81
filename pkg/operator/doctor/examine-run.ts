import { counted, isFault } from "#pkg/fault";
import { nodeNamed, type Script } from "#pkg/script";
import { readTable } from "#pkg/table";
import {
  executedUnit,
  isFinalNode,
  outputUrl,
  tokensToKeep,
  PHASES,
  type Manifest,
  type NodeRecord,
  type NumberedUnit,
  type PhaseName,
  type RunRecord,
  type UnitsByPhase,
} from "#pkg/workflow";
import type { Finding } from "./finding.ts";
import type { DoctorPorts } from "./ports.ts";

/** What is wrong with the tables and files of one run. Nodes that still work are left alone. */
export async function* examineRun(
  ports: DoctorPorts,
  run: RunRecord,
  reads: boolean,
): AsyncGenerator<Finding> {
  const script = await frozenScript(ports, run);
  if ("kind" in script) return void (yield script);
  for (const record of await ports.store.nodes(run.incarnation, run.run)) {
    if (!isFinalNode(record.state) || record.adopted !== undefined || record.plan === undefined)
      continue;
    const units = await unitsOf(ports, record);
    yield* temporaries(ports, { run, record, script }, units);
    const manifest = await manifestOf(ports, run, record);
    if (manifest !== undefined && "kind" in manifest) yield manifest;
    else {
      yield* orphanData(ports, { run, record }, tokensToKeep(record, manifest, units));
      if (reads && manifest !== undefined)
        yield* damagedTable(ports, { run, record, script }, manifest);
    }
  }
}

interface ExaminedNode {
  readonly run: RunRecord;
  readonly record: NodeRecord;
  readonly script: Script;
}

const placeOf = ({ run, record }: Pick<ExaminedNode, "run" | "record">): string =>
  `node ${record.node} of run ${run.run} of ${run.keyspace}`;

async function frozenScript(ports: DoctorPorts, run: RunRecord): Promise<Script | Finding> {
  try {
    for (const hash of [
      ...Object.values(run.documents),
      ...(run.retry ? [run.retry.adoptions] : []),
    ])
      await ports.store.document(hash);
    return JSON.parse(await ports.store.document(run.documents.script)) as Script;
  } catch (error) {
    if (!isFault(error) || error.code !== "STORE_DAMAGED") throw error;
    return {
      kind: "damaged_run",
      place: `run ${run.run} of ${run.keyspace}`,
      message: error.message,
      repair: `start the run anew; when nothing of the keyspace is needed: capitoolbelt drop --keyspace ${run.keyspace}`,
    };
  }
}

async function unitsOf({ store }: DoctorPorts, record: NodeRecord): Promise<UnitsByPhase> {
  const units: Partial<Record<PhaseName, readonly NumberedUnit[]>> = {};
  for (const phase of PHASES) units[phase] = await store.units({ ...record, phase });
  return units;
}

/** Undefined: the node left none. */
async function manifestOf(
  { store }: DoctorPorts,
  run: RunRecord,
  record: NodeRecord,
): Promise<Manifest | Finding | undefined> {
  if (record.state !== "success" || record.manifest === undefined) return undefined;
  try {
    return await store.manifest(record.incarnation, record.manifest);
  } catch (error) {
    return damaged({ run, record }, error);
  }
}

function damaged(node: Pick<ExaminedNode, "run" | "record">, error: unknown): Finding {
  if (!isFault(error) || error.code !== "TABLE_DAMAGED") throw error;
  const { keyspace, run } = node.run;
  return {
    kind: "damaged_table",
    place: placeOf(node),
    message: error.message,
    repair: `make it again: capitoolbelt retry --keyspace ${keyspace} --run ${run} --node ${node.record.node} --below`,
  };
}

/** Reading every chunk checks its checksum and its number of rows. */
async function* damagedTable(
  { tables }: DoctorPorts,
  node: ExaminedNode,
  manifest: Manifest,
): AsyncGenerator<Finding> {
  const { script, record } = node;
  const writer = nodeNamed(script, record.node);
  if (writer.kind === "table_file") return;
  const columns = writer.writer.fields.map(({ name }) => name);
  try {
    for await (const block of readTable(tables, manifest, { columns })) void block;
  } catch (error) {
    yield damaged(node, error);
  }
}

async function* orphanData(
  ports: DoctorPorts,
  { run, record }: Pick<ExaminedNode, "run" | "record">,
  keep: ReadonlySet<string>,
): AsyncGenerator<Finding> {
  const { incarnation, node } = record;
  const place = { incarnation, run: run.run, node };
  const stored = await storedTokens(ports, run, place);
  const orphans = [...(stored ?? [])].filter((token) => !keep.has(token));
  if (orphans.length > 0)
    yield {
      kind: "orphan_data",
      place: placeOf({ run, record }),
      message: `data of ${orphans.length} attempts that nothing names`,
      repair: "delete it",
      fix: () => ports.tables.sweep(place, keep),
    };
}

/** A table that cannot even be opened is found by reading it. */
async function storedTokens(
  { leftovers }: DoctorPorts,
  { keyspace }: RunRecord,
  place: { readonly incarnation: string; readonly run: number; readonly node: string },
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await leftovers?.tokens(keyspace, place);
  } catch (error) {
    if (isFault(error) && error.code === "TABLE_DAMAGED") return undefined;
    throw error;
  }
}

/** A final node has published its files or given them up: no temporary object of an attempt of it may be there. */
async function* temporaries(
  { files }: DoctorPorts,
  { run, record, script }: ExaminedNode,
  { rows = [] }: UnitsByPhase,
): AsyncGenerator<Finding> {
  const node = nodeNamed(script, record.node);
  if (node.kind !== "table_file") return;
  for (const { unit, record: attempt } of rows) {
    const url = outputUrl(node.writer.urlTemplate, run.run, executedUnit(record, "rows", unit));
    const tokens = new Set([attempt.token, ...attempt.causes.map(({ facts }) => facts["token"])]);
    const isDead = (token: string): boolean => tokens.has(token);
    const found: string[] = [];
    await files.sweepTemporaries(url, (token) => {
      if (isDead(token)) found.push(token);
      return false;
    });
    if (found.length > 0)
      yield {
        kind: "temporary_file",
        place: url,
        message: `${counted(found.length, "temporary file")} of dead attempts beside it`,
        repair: "delete them",
        fix: () => files.sweepTemporaries(url, isDead),
      };
  }
}
