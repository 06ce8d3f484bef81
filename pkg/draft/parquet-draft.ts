import { Fault } from "#pkg/fault";
import { parquetColumns } from "#pkg/formats/parquet";
import { shownUrl, type Files } from "#pkg/transfer";
import type { Draft } from "./draft.ts";
import { fieldNames } from "./names.ts";

/** Of what tables keep. */
const CENTS = 2;

export interface ParquetDraft {
  readonly draft: Draft;
  /** Names of columns that no script can read. */
  readonly leftOut: readonly string[];
  /** Decimals that are rounded away when a column is read, for each column; 0 for none. */
  readonly rounded: readonly number[];
}

/** Types come from the schema of the file. */
export async function parquetDraft(files: Files, address: string): Promise<ParquetDraft> {
  await using file = await files.open(address, { anywhere: true });
  const url = shownUrl(address);
  const sized = { size: file.length ?? file.facts.size, read: file.read.bind(file) };
  const all = await parquetColumns(sized, { url, node: "" });
  const found = all.flatMap(({ name, type, scale = 0 }) =>
    type === undefined ? [] : [{ name, type, rounded: Math.max(0, scale - CENTS) }],
  );
  if (found.length === 0)
    throw new Fault("COLUMN_TYPE", `${url} has no column of a type that scripts can read`, {
      facts: { url },
    });
  const names = fieldNames(found.map(({ name }) => name));
  const columns = found.map(({ name, type }, at) => {
    const field = names[at] as string;
    return { column: `col_${field}`, field, header: name, type, readFormat: "" };
  });
  return {
    draft: { url, format: "parquet", separator: "", headerIndex: -1, firstDataIndex: 0, columns },
    leftOut: all.flatMap(({ name, type }) => (type === undefined ? [name] : [])),
    rounded: found.map(({ rounded }) => rounded),
  };
}
