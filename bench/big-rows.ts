import { closeSync, openSync, writeSync } from "node:fs";
import { newestFirst } from "#pkg/draft";
import type { FieldType } from "#pkg/value";
import { csvLines, field } from "../test/support/script-parts.ts";

const COLUMNS = {
  id: "int",
  key: "string",
  amount: "decimal2",
  at: "datetime",
  text: "string",
} as const satisfies Readonly<Record<string, FieldType>>;
const AT_FORMAT = "2006-01-02 15:04:05";
const PRINT = { int: "%d", string: "%s", decimal2: "%s", datetime: AT_FORMAT } as const;
const LINES_AT_ONCE = 10_000;
const TEXT_LENGTH = 100;
const KEYS = 5000;
const LAST_ROWS = 100;

/** Text of which every piece is found once only, and that hardly packs. */
function noise(): string {
  const bytes = Buffer.alloc(6_000_000);
  let state = 42;
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE((state ^ (state >>> 16)) >>> 0, at);
  }
  return bytes.toString("base64").replaceAll("+", "-");
}

/** A CSV file of about `megabytes`; the number of its rows. */
export function writeBigRows(file: string, megabytes: number): number {
  const descriptor = openSync(file, "w");
  const texts = noise();
  let bytes = writeSync(descriptor, `${Object.keys(COLUMNS).join(",")}\n`);
  let row = 0;
  while (bytes < megabytes * 1e6) {
    const lines: string[] = [];
    for (const end = row + LINES_AT_ONCE; row < end; row++) {
      const from = (row * 7919) % (texts.length - TEXT_LENGTH);
      const clock = `${String(row % 24).padStart(2, "0")}:${String(10 + (row % 50))}:30`;
      lines.push(
        `${row},k${row % KEYS},${row % 1000}.25,2024-03-0${1 + (row % 9)} ${clock},${texts.slice(from, from + TEXT_LENGTH)}\n`,
      );
    }
    bytes += writeSync(descriptor, lines.join(""));
  }
  closeSync(descriptor);
  return row;
}

export type RowFormat = "csv" | "ndjson" | "parquet";

const inputColumn = (format: RowFormat, name: string, type: FieldType): object => ({
  ...{
    csv: { csv: { col_hdr: name, ...(type === "datetime" ? { col_format: AT_FORMAT } : {}) } },
    ndjson: { ndjson: { col_name: name } },
    parquet: { parquet: { col_name: name } },
  }[format],
  col_type: type,
});

const outputColumn = (format: RowFormat, name: string, type: keyof typeof PRINT): object => ({
  ...{
    csv: { csv: { header: name, format: PRINT[type] } },
    ndjson: { ndjson: { column_name: name } },
    parquet: { parquet: { column_name: name } },
  }[format],
  name,
  expression: `r.${name}`,
  type,
});

/** A value for each column, by its name. */
const each = (make: (name: string, type: keyof typeof PRINT) => object): object =>
  Object.fromEntries(Object.entries(COLUMNS).map(([name, type]) => [name, make(name, type)]));

/** read_rows and write_last: the file into a table, its last rows into {last}. write_rows, by hand: the table of an earlier run into {target}. */
export const bigRowsScript = (format: RowFormat, url: string): object => ({
  nodes: {
    read_rows: {
      type: "file_table",
      r: {
        urls: [url],
        ...(format === "csv" ? { csv: csvLines } : {}),
        columns: each((name, type) => inputColumn(format, name, type)),
      },
      w: { name: "rows", fields: each((name, type) => field(`r.${name}`, type)) },
    },
    write_last: {
      type: "table_file",
      r: { table: "rows" },
      w: {
        url_template: "{last}",
        top: { order: "id(desc)", limit: LAST_ROWS },
        columns: Object.entries(COLUMNS).map(([name, type]) => outputColumn("csv", name, type)),
      },
    },
    write_rows: {
      type: "table_file",
      start_policy: "manual",
      r: { table: "rows" },
      w: {
        url_template: "{target}",
        columns: Object.entries(COLUMNS).map(([name, type]) => outputColumn(format, name, type)),
      },
    },
  },
  dependency_policies: { newest_first: newestFirst },
});
