import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { column, csvLines, field, output } from "./script-parts.ts";

const HOT_SHARE = 0.3;
const CELL_BYTES = 20 << 20;
const LINES_AT_ONCE = 20_000;
const KEYS = 5_000;
/** The most rows that a sorted file may have. */
const SORTED_ROWS = 5_000_000;

/** A stream of numbers below 2^32, the same on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

export interface BigTable {
  readonly rows: number;
  readonly hotRows: number;
  /** Rows of the sorted file: all, or as many as one may have. */
  readonly sortedRows: number;
}

/** big.csv of about `megabytes`, one key holding 30 % of the rows, one cell of 20 MB; keys.csv with every key once. */
export function writeBigTable(folder: string, megabytes: number): BigTable {
  const next = numbers(42);
  const file = openSync(join(folder, "big.csv"), "w");
  writeSync(file, "id,key,amount,text\n");
  const filler = "x".repeat(60);
  let [rows, hotRows, bytes] = [0, 0, 0];
  let lines: string[] = [];
  while (bytes < megabytes * 1e6) {
    const isHot = next() / 2 ** 32 < HOT_SHARE;
    const key = isHot ? "hot" : `k${next() % KEYS}`;
    const text = rows === 1000 ? "y".repeat(CELL_BYTES) : `${filler}${next() % 1000}`;
    const line = `${rows},${key},${next() % 1000}.25,${text}`;
    rows += 1;
    hotRows += isHot ? 1 : 0;
    bytes += line.length + 1;
    if (lines.push(line) >= LINES_AT_ONCE) {
      writeSync(file, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  if (lines.length > 0) writeSync(file, `${lines.join("\n")}\n`);
  closeSync(file);
  const keys = ["hot", ...Array.from({ length: KEYS }, (_, at) => `k${at}`)];
  writeFileSync(join(folder, "keys.csv"), `key\n${keys.join("\n")}\n`);
  return { rows, hotRows, sortedRows: Math.min(rows, SORTED_ROWS) };
}

/** Groups the big table by key, joins it with the keys, and sorts the joined rows into a file. */
export const bigTableScript = (policy: object): object => ({
  nodes: {
    read_big: {
      type: "file_table",
      r: {
        urls: ["{dir_in}/big.csv"],
        csv: csvLines,
        columns: {
          col_id: column("id", "int"),
          col_key: column("key", "string"),
          col_amount: column("amount", "decimal2"),
          col_text: column("text", "string"),
        },
      },
      w: {
        name: "big",
        fields: {
          id: field("r.col_id", "int"),
          key: field("r.col_key", "string"),
          amount: field("r.col_amount", "decimal2"),
          text: field("r.col_text", "string"),
        },
        indexes: { idx_big_key: "non_unique(key)" },
      },
    },
    read_keys: {
      type: "file_table",
      r: {
        urls: ["{dir_in}/keys.csv"],
        csv: csvLines,
        columns: { col_key: column("key", "string") },
      },
      w: {
        name: "keys",
        fields: { key: field("r.col_key", "string") },
        indexes: { idx_keys_key: "unique(key)" },
      },
    },
    total_keys: {
      type: "table_lookup_table",
      r: { table: "keys" },
      l: { index_name: "idx_big_key", join_on: "r.key", join_type: "left", group: true },
      w: {
        name: "totals",
        fields: {
          key: field("r.key", "string"),
          count: field("count()", "int"),
          total: field("sum(l.amount)", "decimal2"),
          bytes: field("sum(len(l.text))", "int"),
        },
      },
    },
    join_big: {
      type: "table_lookup_table",
      r: { table: "big" },
      l: { index_name: "idx_keys_key", join_on: "r.key", join_type: "inner", group: false },
      w: {
        name: "joined",
        fields: {
          id: field("r.id", "int"),
          key: field("l.key", "string"),
          length: field("int(len(r.text))", "int"),
        },
      },
    },
    write_totals: {
      type: "table_file",
      r: { table: "totals" },
      w: {
        url_template: "{dir_out}/totals.csv",
        top: { order: "key(asc)" },
        columns: [
          output("key", "string", "%s"),
          output("count", "int", "%d"),
          output("total", "decimal2", "%s"),
          output("bytes", "int", "%d"),
        ],
      },
    },
    write_joined: {
      type: "table_file",
      r: { table: "joined" },
      w: {
        url_template: "{dir_out}/joined.csv",
        top: { order: "id(desc)", limit: SORTED_ROWS },
        columns: [
          output("id", "int", "%d"),
          output("key", "string", "%s"),
          output("length", "int", "%d"),
        ],
      },
    },
  },
  dependency_policies: { newest_first: policy },
});
