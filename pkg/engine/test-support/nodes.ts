/** Short spellings of script nodes for tests. */
export type Types = Readonly<Record<string, string>>;

/** Reads a CSV whose header names are the fields; one node, one table of the same name. */
export const fileTable = (
  name: string,
  urls: readonly string[],
  types: Types,
  more: object = {},
): object => ({
  [`read_${name}`]: {
    type: "file_table",
    r: {
      urls,
      csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
      columns: Object.fromEntries(
        Object.entries(types).map(([field, type]) => [
          field,
          {
            csv: { col_hdr: field, ...(type === "datetime" ? { col_format: "2006-01-02" } : {}) },
            col_type: type,
          },
        ]),
      ),
    },
    w: {
      name,
      fields: Object.fromEntries(
        Object.entries(types).map(([field, type]) => [field, { expression: `r.${field}`, type }]),
      ),
      ...more,
    },
  },
});

const FORMATS: Types = {
  int: "%d",
  float: "%v",
  decimal2: "%s",
  string: "%s",
  bool: "%t",
  datetime: "2006-01-02T15:04:05.000-07:00",
};

/** Writes all given fields of a table to out/<name>.csv. */
export const tableFile = (
  name: string,
  types: Types,
  more: { reader?: object; writer?: object } = {},
): object => ({
  [`write_${name}`]: {
    type: "table_file",
    r: { table: name, ...more.reader },
    w: {
      url_template: `out/${name}.csv`,
      columns: Object.entries(types).map(([field, type]) => ({
        csv: { header: field, format: FORMATS[type] },
        name: field,
        expression: `r.${field}`,
        type,
      })),
      ...more.writer,
    },
  },
});
