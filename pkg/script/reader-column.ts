import { isBlank, type FieldType } from "#pkg/value";
import { csvSettings } from "./csv-settings.ts";
import type { Checking } from "./drafts.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { cellDefaultFault, readFormatFault } from "./formats.ts";
import type { CsvColumn, NamedColumn } from "./script.ts";
import { shownText } from "./shown.ts";
import {
  childOf,
  numberChild,
  stringChild,
  textChild,
  type Entry,
  type TextTree,
  type Tree,
} from "./tree.ts";

/** "" when the column is found by its index. */
export const headerOf = (column: Tree): string => stringChild(csvSettings(column), "col_hdr");

const parquetNameOf = (column: Tree): string =>
  stringChild(childOf(column, "parquet", "map"), "col_name");

export const isParquetColumn = (column: Tree): boolean => parquetNameOf(column) !== "";

/** One column of a Parquet reader. A default text has no effect there: empty cells become the default of the type (11.2). */
export function parquetColumn(
  { problems }: Checking,
  { key, value }: Entry,
  node: string,
): NamedColumn {
  const defaultTree = textChild(value, "col_default_value");
  if (defaultTree !== undefined && defaultTree.value !== "" && isParquetColumn(value))
    problems.add(
      "SHAPE",
      defaultTree,
      `${node}, column ${key}: col_default_value has no effect on a Parquet column`,
      {
        severity: "warning",
        hint: "Empty cells become the default of the type; use an expression for another one.",
      },
    );
  return {
    name: key,
    type: fieldTypeOf(value, "col_type") ?? "string",
    header: parquetNameOf(value),
  };
}

const ndjsonSettings = (column: Tree): Tree | undefined => childOf(column, "ndjson", "map");

export const isNdjsonColumn = (column: Tree): boolean =>
  stringChild(ndjsonSettings(column), "col_name") !== "";

/** RFC 3339; seconds may have fractions. */
const JSON_TIME = "2006-01-02T15:04:05Z07:00";

/** One column of an NDJSON reader: cells are the texts of the members. */
export function ndjsonColumn(
  checking: Checking,
  { key, value }: Entry,
  { label, index }: { readonly label: string; readonly index: number },
): CsvColumn {
  const settings = ndjsonSettings(value);
  const type = fieldTypeOf(value, "col_type");
  const format = textChild(settings, "col_format");
  const defaultTree = nonEmpty(type, textChild(value, "col_default_value"));
  const fallback = type === "datetime" ? JSON_TIME : "";
  if (type !== undefined)
    checkTexts(checking, value, {
      type,
      format,
      fallback,
      defaultTree,
      label: `${label}, column ${key}`,
    });
  return {
    name: key,
    type: type ?? "string",
    header: stringChild(settings, "col_name"),
    index,
    format: format?.value || fallback,
    defaultText: defaultTree?.value ?? "",
  };
}

/** One column of a file reader; formats and default texts are tried out (spec/script.md 3.3). */
export function readerColumn(checking: Checking, { key, value }: Entry, node: string): CsvColumn {
  const settings = csvSettings(value);
  const type = fieldTypeOf(value, "col_type");
  const format = textChild(settings, "col_format");
  const defaultTree = nonEmpty(type, textChild(value, "col_default_value"));
  const label = `${node}, column ${key}`;
  if (type !== undefined)
    checkTexts(checking, value, { type, format, fallback: "", defaultTree, label });
  return {
    name: key,
    type: type ?? "string",
    header: headerOf(value),
    index: numberChild(settings, "col_idx") ?? 0,
    format: format?.value ?? "",
    defaultText: defaultTree?.value ?? "",
  };
}

/** A blank default means the default of the type; blanks are a text only for strings. */
function nonEmpty(type: FieldType | undefined, tree: TextTree | undefined): TextTree | undefined {
  const text = tree?.value ?? "";
  return (type === "string" ? text === "" : isBlank(text)) ? undefined : tree;
}

interface Texts {
  readonly type: FieldType;
  readonly format: TextTree | undefined;
  /** What counts when there is no format. */
  readonly fallback: string;
  readonly defaultTree: TextTree | undefined;
  readonly label: string;
}

function checkTexts({ problems }: Checking, column: Tree, texts: Texts): void {
  const { type, format, fallback, defaultTree, label } = texts;
  const formatText = format?.value || fallback;
  const fault = readFormatFault(type, formatText);
  if (fault !== undefined) {
    const shown = formatText === "" ? "" : `col_format ${shownText(formatText)}: `;
    problems.add("FORMAT", format ?? column, `${label}: ${shown}${fault}`, {
      // Without a format blank cells can be read, and columns that are always blank exist.
      severity: formatText === "" && defaultTree === undefined ? "warning" : "error",
    });
    return;
  }
  if (defaultTree === undefined) return;
  const defaultFault = cellDefaultFault(type, formatText, defaultTree.value);
  if (defaultFault !== undefined)
    problems.add("DEFAULT_TEXT", defaultTree, `${label}: col_default_value: ${defaultFault}`);
}
