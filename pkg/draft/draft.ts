import type { FieldType } from "#pkg/value";
import { newestFirst } from "./newest-first.ts";
import type { Encoding } from "./read-sample.ts";

/** A file as a script would read it. */
export interface Draft {
  readonly url: string;
  readonly format: "csv" | "parquet" | "ndjson";
  /** Of a text; absent: UTF-8. */
  readonly encoding?: Exclude<Encoding, "utf-8">;
  /** CSV only. */
  readonly separator: string;
  /** Record of the header, -1 for none; CSV only. */
  readonly headerIndex: number;
  readonly firstDataIndex: number;
  readonly columns: readonly DraftColumn[];
}

export interface DraftColumn {
  /** Name in the reader. */
  readonly column: string;
  /** Name in the table. */
  readonly field: string;
  /** Header or name in the file; "" when the column has none. */
  readonly header: string;
  readonly type: FieldType;
  /** col_format, "" for none. */
  readonly readFormat: string;
}

const WRITE_FORMATS: Readonly<Record<FieldType, string>> = {
  string: "%s",
  int: "%d",
  float: "%.3f",
  decimal2: "%s",
  bool: "%t",
  datetime: "2006-01-02 15:04:05",
};

export interface DraftNames {
  readonly table: string;
  readonly readNode: string;
  readonly writeNode: string;
  readonly outputUrl: string;
}

/** A script that reads the file into a table and writes the table into a file, as plain data. */
export function draftScript(draft: Draft, names: DraftNames): object {
  return {
    nodes: {
      [names.readNode]: {
        type: "file_table",
        start_policy: "manual",
        r: {
          urls: [draft.url],
          ...readerSettings(draft),
          columns: Object.fromEntries(
            draft.columns.map((column, at) => [column.column, readerColumn(draft, column, at)]),
          ),
        },
        w: {
          name: names.table,
          fields: Object.fromEntries(
            draft.columns.map(({ field, column, type }) => [
              field,
              { expression: `r.${column}`, type },
            ]),
          ),
        },
      },
      [names.writeNode]: {
        type: "table_file",
        r: { table: names.table },
        w: {
          url_template: names.outputUrl,
          columns: draft.columns.map((column) => writerColumn(draft, column)),
        },
      },
    },
    dependency_policies: { current_active_first_stopped_nogo: newestFirst },
  };
}

const readerSettings = ({ format, separator, headerIndex, firstDataIndex }: Draft): object =>
  format === "parquet"
    ? {}
    : { csv: { hdr_line_idx: headerIndex, first_data_line_idx: firstDataIndex, separator } };

function readerColumn(
  { format, headerIndex }: Draft,
  { header, type, readFormat }: DraftColumn,
  at: number,
): object {
  if (format === "parquet") return { parquet: { col_name: header }, col_type: type };
  const place = headerIndex >= 0 ? { col_hdr: header } : { col_idx: at };
  const csv = readFormat === "" ? place : { ...place, col_format: readFormat };
  return { csv, col_type: type };
}

function writerColumn({ format }: Draft, { field, header, type }: DraftColumn): object {
  const shown = header === "" ? field : header;
  const target =
    format === "parquet"
      ? { parquet: { column_name: shown } }
      : { csv: { header: shown, format: WRITE_FORMATS[type] } };
  return { ...target, name: field, expression: `r.${field}`, type };
}
