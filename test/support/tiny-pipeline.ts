import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Start of every default policy: take the newest information, the current run first. */
export const policy = {
  is_default: true,
  event_priority_order: "run_is_current(desc),run_id(desc)",
  rules: [
    {
      cmd: "nogo",
      expression: "nrs.run_is_current == false && nrs.run_status == wfmodel.RunStop",
    },
    {
      cmd: "go",
      expression:
        "nrs.node_status == wfmodel.NodeBatchSuccess && (nrs.run_status == wfmodel.RunStart || nrs.run_is_current == false && nrs.run_status == wfmodel.RunComplete)",
    },
    {
      cmd: "nogo",
      expression:
        "nrs.node_status == wfmodel.NodeBatchFail && (nrs.run_is_current == true && nrs.run_status == wfmodel.RunStart || nrs.run_is_current == false && nrs.run_status == wfmodel.RunComplete)",
    },
    {
      cmd: "wait",
      expression: "nrs.node_status <= wfmodel.NodeBatchStart && nrs.run_status <= wfmodel.RunStart",
    },
  ],
};

export interface TinyOptions {
  /** Text of in/stock.csv. */
  readonly csv?: string;
  /** Expression of the int field `double`. */
  readonly double?: string;
  /** Number of input files, each with the same text. */
  readonly files?: number;
  readonly target?: string;
  readonly indexes?: Readonly<Record<string, string>>;
  readonly manualWriter?: boolean;
}

export interface Tiny {
  readonly folder: string;
  readonly out: string;
  readonly data: string;
  readonly script: string;
  /** Arguments of `run`. */
  readonly run: readonly string[];
}

export const STOCK = "sku,qty,price\nA-1,3,1.50\nB-2,4,2.25\nC-3,5,10.00\n";

/** stock.csv → table stock → sorted stock.csv, in a folder of its own. */
export function tinyPipeline(folder: string, options: TinyOptions = {}): Tiny {
  const [input, out, data] = [join(folder, "in"), join(folder, "out"), join(folder, "data")];
  mkdirSync(input, { recursive: true });
  mkdirSync(out, { recursive: true });
  const files = Array.from({ length: options.files ?? 1 }, (_, at) =>
    join(input, at === 0 ? "stock.csv" : `stock_${at}.csv`),
  );
  for (const file of files) writeFileSync(file, options.csv ?? STOCK);
  const script = join(folder, "script.json");
  writeFileSync(
    script,
    JSON.stringify(tinyScript(files, join(out, options.target ?? "stock.csv"), options), null, 2),
  );
  return { folder, out, data, script, run: ["run", script, "--data", data, "--keyspace", "tiny"] };
}

function tinyScript(urls: readonly string[], target: string, options: TinyOptions): object {
  const column = (header: string, type: string): object => ({
    csv: { col_hdr: header },
    col_type: type,
  });
  const output = (name: string, type: string, format: string): object => ({
    csv: { header: name, format },
    name,
    expression: `r.${name}`,
    type,
  });
  return {
    nodes: {
      read_stock: {
        type: "file_table",
        r: {
          urls,
          csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
          columns: {
            col_sku: column("sku", "string"),
            col_qty: column("qty", "int"),
            col_price: column("price", "decimal2"),
          },
        },
        w: {
          name: "stock",
          fields: {
            sku: { expression: "r.col_sku", type: "string" },
            double: { expression: options.double ?? "r.col_qty * 2", type: "int" },
            price: { expression: "r.col_price", type: "decimal2" },
          },
          ...(options.indexes === undefined ? {} : { indexes: options.indexes }),
        },
      },
      write_stock: {
        type: "table_file",
        ...(options.manualWriter === true ? { start_policy: "manual" } : {}),
        r: { table: "stock" },
        w: {
          url_template: target,
          top: { order: "sku(asc)" },
          columns: [
            output("sku", "string", "%s"),
            output("double", "int", "%d"),
            output("price", "decimal2", "%s"),
          ],
        },
      },
    },
    dependency_policies: { newest_first: policy },
  };
}
