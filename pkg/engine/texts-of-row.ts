import { valueAt, type Vector } from "#pkg/rowset";
import { compileCellWriter, valueToText, type FieldType } from "#pkg/value";

interface TextColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Layout in which a datetime stands in the file; absent or "": the default text. */
  readonly format?: string;
}

/** Values of one row of a block as the texts that a person corrects: dates in the layout of their column, the others exact. */
export function textsOfRow(
  columns: readonly TextColumn[],
  vectors: ReadonlyMap<string, Vector>,
  row: number,
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { name, type, format = "" } of columns) {
    const vector = vectors.get(name);
    if (vector === undefined) continue;
    const value = valueAt(vector, row);
    texts[name] =
      type === "datetime" && format !== ""
        ? compileCellWriter(type, format)(value)
        : valueToText(type, value);
  }
  return texts;
}
