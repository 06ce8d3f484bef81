import { Fault } from "#pkg/fault";
import { parquetColumns } from "#pkg/formats/parquet";
import { shownUrl, type Files } from "#pkg/transfer";
import type { Draft } from "./draft.ts";
import { fieldNames } from "./names.ts";

/** Types come from the schema of the file; columns that no script can read are left out. */
export async function parquetDraft(files: Files, address: string): Promise<Draft> {
  await using file = await files.open(address, { anywhere: true });
  const url = shownUrl(address);
  const sized = { size: file.length ?? file.facts.size, read: file.read.bind(file) };
  const found = (await parquetColumns(sized, { url, node: "" })).flatMap(({ name, type }) =>
    type === undefined ? [] : [{ name, type }],
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
  return { url, format: "parquet", separator: "", headerIndex: -1, firstDataIndex: 0, columns };
}
