import {
  batches,
  computedFields,
  computedRow,
  fieldJson,
  fieldsOf,
  finished,
  having,
  havingJson,
  nodeSettings,
  outcome,
  passed,
} from "./nodes.ts";
import type { Random } from "./random.ts";
import { keyParts, valuesOf, type IndexSpec, type NodeSpec } from "./tables.ts";
import { keyOf } from "./values.ts";

/** A random table_table node. */
export function tableTable(random: Random, name: string, source: NodeSpec): NodeSpec {
  const fields = computedFields(random, fieldsOf("r", source.fields));
  const filter = having(random, fields);
  const { isRejecting, settings } = nodeSettings(random);
  const reader = batches(random);
  return {
    name: `make_${name}`,
    table: name,
    fields,
    indexes: [],
    sources: [source],
    json: (indexes) => ({
      type: "table_table",
      ...settings,
      r: { table: source.table, ...reader },
      w: { name, fields: fieldJson(fields), ...havingJson(filter), indexes },
    }),
    expect: ([rows = []]) =>
      outcome(
        passed(rows, source.table, (row) =>
          finished(computedRow(fields, { r: row }), fields, filter),
        ),
        isRejecting,
      ),
  };
}

/** A random distinct_table node. */
export function distinctTable(random: Random, name: string, source: NodeSpec): NodeSpec {
  const fields = computedFields(random, fieldsOf("r", source.fields));
  const parts = keyParts(random, fields);
  const { isRejecting, settings } = nodeSettings(random);
  const reader = batches(random);
  const own: IndexSpec = { name: `idx_${name}_distinct`, unique: true, parts };
  return {
    name: `make_${name}`,
    table: name,
    fields,
    indexes: [own],
    sources: [source],
    json: (indexes) => ({
      type: "distinct_table",
      rerun_policy: "fail",
      ...settings,
      r: { table: source.table, ...reader },
      w: { name, fields: fieldJson(fields), indexes },
    }),
    expect([rows = []]) {
      const all = passed(rows, source.table, (row) =>
        finished(computedRow(fields, { r: row }), fields, undefined),
      );
      const known = new Set<string>();
      const first = all.rows.filter((row) => {
        const key = keyOf(valuesOf(row, parts), parts);
        return !known.has(key) && known.add(key);
      });
      return outcome({ ...all, rows: first }, isRejecting);
    },
  };
}
