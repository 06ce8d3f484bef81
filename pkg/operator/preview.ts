import { valueAt } from "#pkg/rowset";
import { readTable } from "#pkg/table";
import { valueToText, type FieldType, type Value } from "#pkg/value";
import { findTable } from "./find-table.ts";
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
