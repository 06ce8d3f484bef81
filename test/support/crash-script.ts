import { newestFirst } from "#pkg/draft";
import { column, csvLines, field, output } from "./script-parts.ts";

/** Two files with header and rows that need ranges, joins with several matches, duplicates, and files of several batches. */
export const CRASH_INPUTS: Readonly<Record<string, string>> = {
  "sales_1.csv": `id,shop,day,amount\n${Array.from({ length: 7 }, (_, at) => `${at},s${at % 3},2026-01-0${1 + (at % 2)},${at}.25`).join("\n")}\n`,
  "sales_2.csv": `id,shop,day,amount\n${Array.from({ length: 5 }, (_, at) => `${at + 7},s${at % 4},2026-02-01,1${at}.5`).join("\n")}\n`,
  "shops.csv": "shop,city\ns0,Oslo\ns1,Bergen\ns2,Oslo\n",
};

/** Every kind of node and phase: split, rows, finish, shuffle, join, publish of several files. */
export const crashScript = (input: string, out: string): object => ({
  nodes: {
    read_sales: {
      type: "file_table",
      r: {
        urls: [`${input}/sales_1.csv`, `${input}/sales_2.csv`],
        csv: csvLines,
        columns: {
          col_id: column("id", "int"),
          col_shop: column("shop", "string"),
          col_day: column("day", "string"),
          col_amount: column("amount", "decimal2"),
        },
      },
      w: {
        name: "sales",
        fields: {
          id: field("r.col_id", "int"),
          shop: field("r.col_shop", "string"),
          day: field("r.col_day", "string"),
          amount: field("r.col_amount", "decimal2"),
        },
        indexes: { idx_sales_shop: "non_unique(shop)" },
      },
    },
    read_shops: {
      type: "file_table",
      r: {
        urls: [`${input}/shops.csv`],
        csv: csvLines,
        columns: { col_shop: column("shop", "string"), col_city: column("city", "string") },
      },
      w: {
        name: "shops",
        fields: { shop: field("r.col_shop", "string"), city: field("r.col_city", "string") },
        indexes: { idx_shops_shop: "unique(shop)" },
      },
    },
    join_city: {
      type: "table_lookup_table",
      r: { table: "sales", expected_batches_total: 2 },
      l: { index_name: "idx_shops_shop", join_on: "r.shop", join_type: "left", group: false },
      w: {
        name: "placed",
        fields: {
          id: field("r.id", "int"),
          city: field("l.city", "string"),
          amount: field("r.amount", "decimal2"),
        },
      },
    },
    list_shops: {
      type: "distinct_table",
      rerun_policy: "fail",
      r: { table: "sales", expected_batches_total: 2 },
      w: {
        name: "sold",
        fields: { shop: field("r.shop", "string") },
        indexes: { idx_sold: "unique(shop)" },
      },
    },
    total_shops: {
      type: "table_lookup_table",
      r: { table: "sold" },
      l: { index_name: "idx_sales_shop", join_on: "r.shop", join_type: "inner", group: true },
      w: {
        name: "totals",
        fields: {
          shop: field("r.shop", "string"),
          count: field("count()", "int"),
          total: field("sum(l.amount)", "decimal2"),
        },
      },
    },
    write_placed: {
      type: "table_file",
      r: { table: "placed", expected_batches_total: 2 },
      w: {
        url_template: `${out}/placed_{batch_idx}.csv`,
        columns: [
          output("id", "int", "%d"),
          output("city", "string", "%s"),
          output("amount", "decimal2", "%s"),
        ],
      },
    },
    write_totals: {
      type: "table_file",
      r: { table: "totals" },
      w: {
        url_template: `${out}/totals.csv`,
        top: { order: "total(desc)", limit: 3 },
        columns: [
          output("shop", "string", "%s"),
          output("count", "int", "%d"),
          output("total", "decimal2", "%s"),
        ],
      },
    },
  },
  dependency_policies: { newest_first: newestFirst },
});
