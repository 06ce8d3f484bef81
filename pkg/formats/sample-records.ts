import { PADDING } from "./bytes.ts";
import type { ColumnPlan, PlannedColumn } from "./column-plan.ts";
import type { DateShape } from "./date-shape.ts";
import type { FieldType } from "#pkg/value";

/** Texts that take every usual and unusual way through the code for a cell; each is a value of the type. */
const TEXTS: Readonly<Record<Exclude<FieldType, "datetime">, readonly string[]>> = {
  int: ["7", "-7", "12345678901234567", '"8"'],
  decimal2: ["1", "-1.5", "2.34", "2.345", "2.3456", '"9"'],
  float: ["1", "-1.5", "2.25", "1e5", "12345678901234567.25", '"3"'],
  bool: ["true", "false", "1", "0", '"true"'],
  string: ["abc", "", '"a ""b"""', "a text that is longer than thirty bytes", "\u{e9}"],
};

/** Texts of a cell that no column wants. */
const SKIPPED: readonly string[] = ["x", '"y"'];

/** The second of February 2002, 02:02:02, in a layout with fixed places. */
function dateText(shape: DateShape): string {
  const text = Array.from({ length: shape.length }, () => "0");
  const { year, month, day, hour, minute, second } = shape;
  for (const offset of [year + 2, month, day, hour, minute, second])
    if (offset >= 0) text[offset + 1] = "2";
  text[year] = "2";
  for (const { offset, byte } of shape.literals) text[offset] = String.fromCharCode(byte);
  return text.join("");
}

function cellTexts(column: PlannedColumn | undefined): readonly string[] {
  if (column === undefined) return SKIPPED;
  const { type } = column.column;
  if (type !== "datetime") return TEXTS[type];
  if (column.shape === undefined) return [""];
  const text = dateText(column.shape);
  return [text, `"${text}"`];
}

const LINE_ENDS = ["\n", "\r\n", "\n\n", "\n\r\n"];
const RECORDS = 12;

/** Records for a plan, unusual ones among them, with the padding of a window behind. */
export function sampleRecords(plan: ColumnPlan): {
  readonly bytes: Uint8Array;
  readonly end: number;
} {
  const cells = Array.from({ length: plan.fields }, (_, field) =>
    cellTexts(plan.columns.find(({ position }) => position === field)),
  );
  const separator = String.fromCharCode(plan.separator);
  const records = Array.from({ length: RECORDS }, (_, record) => {
    const texts = cells.map((all, field) => all[(record + field) % all.length] as string);
    return texts.join(separator) + (LINE_ENDS[record % LINE_ENDS.length] as string);
  });
  const text = new TextEncoder().encode(records.join(""));
  const bytes = new Uint8Array(text.length + PADDING).fill(10);
  bytes.set(text);
  return { bytes, end: text.length };
}
