import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import type { Index, TableWriterNode } from "#pkg/script";
import type { FieldType } from "#pkg/value";
import type { Manifest, RunRecord } from "#pkg/workflow";
import { findKeyspace } from "./find-run.ts";
import type { OperatorPorts } from "./ports.ts";
import { scriptOfRun } from "./statuses.ts";

export interface TableRequest {
  readonly keyspace: string;
  readonly table: string;
  /** Absent: the newest run that wrote the table. */
  readonly run: number | undefined;
}

export interface FoundTable {
  readonly manifest: Manifest;
  readonly fields: readonly { readonly name: string; readonly type: FieldType }[];
  readonly indexes: readonly Index[];
}

/** A table that is complete. Throws TABLE_MISSING, KEYSPACE_MISSING. */
export async function findTable(
  ports: Pick<OperatorPorts, "store">,
  request: TableRequest,
): Promise<FoundTable> {
  const { incarnation } = await findKeyspace(ports.store, request.keyspace);
  const runs = (await ports.store.runs(incarnation)).filter(
    ({ run }) => request.run === undefined || run === request.run,
  );
  for (const record of runs.toReversed()) {
    const found = await tableOf(ports, record, request.table);
    if (found !== undefined) return found;
  }
  const where = request.run === undefined ? "" : ` in run ${request.run}`;
  const near = suggestion(request.table, await tableNames(ports, runs.at(-1)));
  throw new Fault(
    "TABLE_MISSING",
    `keyspace "${request.keyspace}" has no table "${request.table}"${where}`,
    {
      facts: { keyspace: request.keyspace, table: request.table },
      ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
    },
  );
}

async function tableNames(
  ports: Pick<OperatorPorts, "store">,
  run: RunRecord | undefined,
): Promise<readonly string[]> {
  if (run === undefined) return [];
  const script = await scriptOfRun(ports.store, run);
  return script.nodes.flatMap((node) => (node.kind === "table_file" ? [] : [node.writer.table]));
}

async function tableOf(
  ports: Pick<OperatorPorts, "store">,
  record: RunRecord,
  table: string,
): Promise<FoundTable | undefined> {
  const script = await scriptOfRun(ports.store, record);
  const owner = script.nodes.find(
    (node): node is TableWriterNode => node.kind !== "table_file" && node.writer.table === table,
  );
  if (owner === undefined) return undefined;
  const nodes = await ports.store.nodes(record.incarnation, record.run);
  const node = nodes.find((one) => one.node === owner.name && one.state === "success");
  if (node?.manifest === undefined) return undefined;
  return {
    manifest: await ports.store.manifest(record.incarnation, node.manifest),
    fields: owner.writer.fields,
    indexes: owner.writer.indexes,
  };
}
