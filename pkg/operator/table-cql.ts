import { nodeNamed, type Script, type TableWriterNode } from "#pkg/script";
import type { FieldType } from "#pkg/value";

const COLUMN_TYPES = {
  int: "BIGINT",
  float: "DOUBLE",
  decimal2: "DECIMAL",
  string: "TEXT",
  bool: "BOOLEAN",
  datetime: "TIMESTAMP",
} as const satisfies Record<FieldType, string>;

/** The workflow tables (spec/workflow.md 2.1): columns, then partition key and clustering columns. */
const WORKFLOW_TABLES: readonly TableShape[] = [
  { name: "wf_run_counter", columns: ["ks TEXT", "last_run INT"], key: "ks" },
  {
    name: "wf_run_history",
    columns: ["ts TIMESTAMP", "run_id INT", "status TINYINT", "comment TEXT"],
    key: "run_id, status",
  },
  {
    name: "wf_run_properties",
    columns: [
      "run_id INT",
      "start_nodes TEXT",
      "affected_nodes TEXT",
      "script_url TEXT",
      "script_params_url TEXT",
      "run_description TEXT",
    ],
    key: "run_id",
  },
  {
    name: "wf_node_history",
    columns: [
      "ts TIMESTAMP",
      "run_id INT",
      "script_node TEXT",
      "written_by_batch_idx INT",
      "status TINYINT",
      "comment TEXT",
    ],
    key: "run_id, script_node, written_by_batch_idx, status",
  },
  {
    name: "wf_batch_history",
    columns: [
      "ts TIMESTAMP",
      "run_id INT",
      "script_node TEXT",
      "batch_idx INT",
      "batches_total INT",
      "status TINYINT",
      "first_token BIGINT",
      "last_token BIGINT",
      "instance TEXT",
      "thread BIGINT",
      "comment TEXT",
    ],
    key: "run_id, script_node, batch_idx, status",
  },
];

interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: string;
}

const INVALID = "INVALID RUN ID 0: ";

/**
 * The statements with which the reference would create what a run needs (spec/workflow.md 3.3, 8.1): for people who compare or
 * keep its tables. Our own stores keep tables in chunks (design 8). Run 0 marks every statement as invalid.
 */
export function tableCql(
  script: Script,
  request: { readonly keyspace: string; readonly run: number; readonly nodes: readonly string[] },
): string {
  const { keyspace, run, nodes } = request;
  const counter = `INSERT INTO ${keyspace}.wf_run_counter ( ks, last_run ) VALUES ( '${keyspace}', 0 ) IF NOT EXISTS;`;
  const tables: string[] = [];
  for (const name of nodes) {
    const node = nodeNamed(script, name);
    if (node.kind === "table_file") continue;
    tables.push(`-- ${name}`, ...tablesOf(node, { keyspace, run }));
  }
  const workflow = WORKFLOW_TABLES.map((table) => create(keyspace, table));
  return `${[...workflow, counter, ...tables].join("\n")}\n`;
}

function tablesOf(
  { writer }: TableWriterNode,
  { keyspace, run }: { readonly keyspace: string; readonly run: number },
): readonly string[] {
  const suffix = `_${String(run).padStart(5, "0")}`;
  const fields = writer.fields.map(({ name, type }) => `${name} ${COLUMN_TYPES[type]}`);
  const data: TableShape = {
    name: writer.table + suffix,
    columns: ["rowid BIGINT", "batch_idx BIGINT", ...fields],
    key: "rowid",
  };
  const indexes = writer.indexes.map(({ name, unique }): TableShape => ({
    name: name + suffix,
    columns: ["key TEXT", "rowid BIGINT"],
    key: unique ? "key" : "key, rowid",
  }));
  return [data, ...indexes].map((table) => (run > 0 ? "" : INVALID) + create(keyspace, table));
}

const create = (keyspace: string, { name, columns, key }: TableShape): string =>
  `CREATE TABLE IF NOT EXISTS ${keyspace}.${name} ( ${columns.join(", ")}, PRIMARY KEY(${key}) );`;
