/** Parts of scripts that tests write, in the dialect `latest`. */
export const csvLines = { hdr_line_idx: 0, first_data_line_idx: 1 } as const;

export const field = (expression: string, type: string) => ({ expression, type }) as const;

/** A column that is read, by its header. */
export const column = (header: string, type: string) =>
  ({ csv: { col_hdr: header }, col_type: type }) as const;

/** A column that is written: the field of its name, printed by the format. */
export const output = (name: string, type: string, format: string) =>
  ({ csv: { header: name, format }, name, expression: `r.${name}`, type }) as const;
