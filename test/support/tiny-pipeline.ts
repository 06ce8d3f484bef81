import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newestFirst } from "#pkg/draft";
import { column, csvLines, field, output } from "./script-parts.ts";

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
  return {
    nodes: {
      read_stock: {
        type: "file_table",
        r: {
          urls,
          csv: csvLines,
          columns: {
            col_sku: column("sku", "string"),
            col_qty: column("qty", "int"),
            col_price: column("price", "decimal2"),
          },
        },
        w: {
          name: "stock",
          fields: {
            sku: field("r.col_sku", "string"),
            double: field(options.double ?? "r.col_qty * 2", "int"),
            price: field("r.col_price", "decimal2"),
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
    dependency_policies: { newest_first: newestFirst },
  };
}
