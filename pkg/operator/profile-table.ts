import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import { columnOf } from "#pkg/rowset";
import { readTable } from "#pkg/table";
import { findTable, type FoundTable, type TableRequest } from "./find-table.ts";
import type { OperatorPorts } from "./ports.ts";
import { ColumnProfiler, type ColumnProfile } from "./profile-column.ts";

export interface ProfileRequest extends TableRequest {
  /** Empty: all. */
  readonly columns: readonly string[];
  /** Most frequent values to tell. */
  readonly top: number;
}

export interface TableProfile {
  readonly table: string;
  readonly run: number;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

/** Values kept over all columns of a table; each column gets its share. */
const VALUES_KEPT = 200_000;
const LEAST_VALUES_KEPT = 500;

/** Profiles of columns from one scan of the table, in bounded memory. Throws TABLE_MISSING, KEYSPACE_MISSING, USAGE. */
export async function profileTable(
  ports: OperatorPorts,
  request: ProfileRequest,
): Promise<TableProfile> {
  const found = await findTable(ports, request);
  const columns = await profileColumns(ports, found, request);
  const { run, rows } = found.manifest;
  return { table: request.table, run, rows, columns };
}

export async function profileColumns(
  { tables }: Pick<OperatorPorts, "tables">,
  { manifest, fields }: FoundTable,
  { columns, top }: Pick<ProfileRequest, "columns" | "top">,
): Promise<readonly ColumnProfile[]> {
  checkFields(
    fields.map(({ name }) => name),
    columns,
  );
  const wanted = fields.filter(({ name }) => columns.length === 0 || columns.includes(name));
  const limit = Math.max(LEAST_VALUES_KEPT, Math.floor(VALUES_KEPT / Math.max(1, wanted.length)));
  const profilers = wanted.map((field) => ({ field, profiler: new ColumnProfiler(field, limit) }));
  const names = wanted.map(({ name }) => name);
  for await (const { rowset } of readTable(tables, manifest, { columns: names }))
    for (const { field, profiler } of profilers)
      profiler.add(columnOf(rowset, field.name), rowset.rows);
  return profilers.map(({ profiler }) => profiler.result(top));
}

/** Throws USAGE for a field that the table does not have. */
export function checkFields(names: readonly string[], wanted: readonly string[]): void {
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = suggestion(unknown, names);
  throw new Fault("USAGE", `the table has no field "${unknown}"`, {
    facts: { field: unknown, fields: names },
    hint: near === undefined ? `Fields are: ${names.join(", ")}.` : `Did you mean "${near}"?`,
  });
}
