import { valueAt, type Vector } from "#pkg/rowset";
import { compileCellWriter, valueToText, type FieldType } from "#pkg/value";

interface TextColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Layout in which a datetime stands in the file; absent or "": the one of default_value. */
  readonly format?: string;
}

/** How datetimes are written where no layout is given, default_value among others. */
const DATETIME_LAYOUT = "2006-01-02T15:04:05.000-07:00";

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
      type === "datetime"
        ? compileCellWriter(type, format === "" ? DATETIME_LAYOUT : format)(value)
        : valueToText(type, value);
  }
  return texts;
}
