import { Fault } from "#pkg/fault";
import type { Records } from "#pkg/processor";
import { gatherColumn, gatherVector, type Vector } from "#pkg/rowset";
import type { CustomNode } from "#pkg/script";
import type { RowNames, Scope } from "./evaluate.ts";
import { tableRowNames } from "./left-rows.ts";
import type { SourceRows } from "./surviving-rows.ts";

/** The records of a processor as rows that fields are computed from. */
export const recordRows = (node: CustomNode, records: Records): SourceRows => ({
  rows: records.count,
  names: recordNames(node, records),
  scope: recordScope(records),
  part: (rows) => recordRows(node, partOf(records, rows)),
});

const partOf = (records: Records, part: Int32Array): Records => ({
  ...records,
  rows: part.map((record) => records.rows?.[record] ?? record),
  count: part.length,
  fields: new Map([...records.fields].map(([name, vector]) => [name, gatherVector(vector, part)])),
});

/** r.* of the source row and p.* of each record; a column is gathered when it is first asked for. */
function recordScope({ block, rows, fields }: Records): Scope {
  const gathered = new Map<string, Vector>();
  const source = (name: string): Vector | undefined => {
    const column = block.rowset.columns.get(name);
    if (column === undefined || rows === undefined) return column;
    const vector = gathered.get(name) ?? gatherColumn(column, rows);
    gathered.set(name, vector);
    return vector;
  };
  return (prefix, name) => {
    const vector = prefix === "r" ? source(name) : fields.get(name);
    if (vector === undefined) throw new Fault("INTERNAL", `no column ${prefix}.${name}`);
    return vector;
  };
}

/** Names a record by its source row. */
function recordNames(node: CustomNode, { block, rows }: Records): RowNames {
  const names = tableRowNames(node.name, node.reader.table, block.from);
  return rows === undefined
    ? names
    : { ...names, describe: (record) => names.describe(rows[record] as number) };
}
