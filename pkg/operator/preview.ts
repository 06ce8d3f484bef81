import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import { valueAt } from "#pkg/rowset";
import type { TableWriterNode } from "#pkg/script";
import { readTable } from "#pkg/table";
import { valueToText, type FieldType, type Value } from "#pkg/value";
import type { Manifest, RunRecord } from "#pkg/workflow";
import { findKeyspace } from "./find-run.ts";
import { scriptOfRun } from "./statuses.ts";
import type { OperatorPorts } from "./ports.ts";

export interface PreviewRequest {
  readonly keyspace: string;
  readonly table: string;
  /** Absent: the newest run that wrote the table. */
  readonly run: number | undefined;
  readonly from: number;
  readonly rows: number;
}

export interface Preview {
  readonly run: number;
  /** Rows the table has. */
  readonly total: number;
  readonly names: readonly string[];
  /** Values as text: exact, datetimes in UTC. */
  readonly rows: readonly (readonly string[])[];
}

/** Some rows of a table in table order; reads only the chunks that hold them. Throws TABLE_MISSING, KEYSPACE_MISSING. */
export async function preview(ports: OperatorPorts, request: PreviewRequest): Promise<Preview> {
  const found = await findTable(ports, request);
  const { fields, manifest } = found;
  const names = fields.map(({ name }) => name);
  const rows: string[][] = [];
  const to = Math.min(request.from + request.rows, manifest.rows);
  const share = { columns: names, from: request.from, to };
  for await (const { rowset } of readTable(ports.tables, manifest, share)) {
    const columns = fields.map(({ name }) => rowset.columns.get(name));
    for (let row = 0; row < rowset.rows; row++)
      rows.push(
        columns.map((column, at) =>
          column === undefined ? "" : textOf(fields[at]?.type ?? "string", valueAt(column, row)),
        ),
      );
  }
  return { run: manifest.run, total: manifest.rows, names, rows };
}

const textOf = (type: FieldType, value: Value): string => valueToText(type, value);

interface FoundTable {
  readonly manifest: Manifest;
  readonly fields: readonly { readonly name: string; readonly type: FieldType }[];
}

async function findTable(ports: OperatorPorts, request: PreviewRequest): Promise<FoundTable> {
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
  ports: OperatorPorts,
  run: RunRecord | undefined,
): Promise<readonly string[]> {
  if (run === undefined) return [];
  const script = await scriptOfRun(ports.store, run);
  return script.nodes.flatMap((node) => (node.kind === "table_file" ? [] : [node.writer.table]));
}

async function tableOf(
  ports: OperatorPorts,
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
  };
}
