import type { FieldType } from "#pkg/value";
import { csvSettings, readSeparator } from "./csv-settings.ts";
import type { Checking, NodeDraft } from "./drafts.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { cellDefaultFault, readFormatFault } from "./formats.ts";
import type { CsvColumn, FileReader } from "./script.ts";
import { shownText } from "./shown.ts";
import {
  childOf,
  entriesOf,
  itemsOf,
  numberChild,
  textChild,
  textOf,
  type Entry,
  type TextTree,
  type Tree,
} from "./tree.ts";
import { checkUrl } from "./urls.ts";

/** `r` of a file_table node (spec/script.md 3.1-3.3). */
export function fileReader(checking: Checking, node: NodeDraft): FileReader {
  const { problems, dialect } = checking;
  const tree = childOf(node.tree, "r", "map");
  const settings = csvSettings(tree, dialect);
  const columns = entriesOf(childOf(tree, "columns", "map"));
  const label = `node ${node.name}`;
  checkKind(checking, node, columns);
  const addressed = columns.filter(({ value }) => header(checking, value) !== undefined);
  return {
    format: "csv",
    urls: urlsOf(checking, tree, label),
    separator: readSeparator(problems, settings, label),
    headerIndex: Math.max(-1, numberChild(settings, "hdr_line_idx") ?? 0),
    firstDataIndex: Math.max(0, numberChild(settings, "first_data_line_idx") ?? 0),
    byHeader: addressed.length > 0,
    columns: columns.map((entry) => column(checking, entry, node)),
  };
}

function urlsOf({ problems }: Checking, tree: Tree | undefined, label: string): readonly string[] {
  const urls = itemsOf(childOf(tree, "urls", "list")).flatMap((item) => textOf(item) ?? []);
  for (const url of urls) checkUrl(problems, url, "input", label);
  return urls.map(({ value }) => value);
}

const header = ({ dialect }: Checking, column: Tree): string | undefined => {
  const text = textChild(csvSettings(column, dialect), "col_hdr")?.value;
  return text === "" ? undefined : text;
};

const isParquet = (value: Tree): boolean =>
  (textChild(childOf(value, "parquet", "map"), "col_name")?.value ?? "") !== "";

/** Parquet or CSV, by header or by index: never mixed, and never left open. */
function checkKind(checking: Checking, node: NodeDraft, columns: readonly Entry[]): void {
  const { problems, dialect } = checking;
  const label = `node ${node.name}`;
  const place = childOf(childOf(node.tree, "r", "map"), "columns", "map");
  if (place === undefined) return;
  const parquet = columns.find(({ value }) => isParquet(value));
  if (parquet !== undefined) {
    problems.add(
      "NOT_AVAILABLE",
      childOf(parquet.value, "parquet", "map") ?? parquet.value,
      `${label}: reading parquet files is not available in this build`,
    );
    return;
  }
  const indexes = columns.map(({ value }) => numberChild(csvSettings(value, dialect), "col_idx"));
  const headers = columns.filter(({ value }) => header(checking, value) !== undefined);
  if (headers.length > 0 && headers.length < columns.length) {
    const other = columns.find((entry) => !headers.includes(entry));
    const message = `${label}: the columns ${headers[0]?.key ?? ""} and ${other?.key ?? ""} are found in different ways, by header and by index`;
    problems.add("SHAPE", other?.value ?? place, message, {
      hint: "Give col_hdr to all columns or to none.",
    });
  }
  if (headers.length > 0 || columns.length === 1 || indexes.some((index = 0) => index > 0)) return;
  problems.add(
    "SHAPE",
    place,
    `${label}: it cannot be told how the columns are found in the file`,
    {
      hint:
        dialect === "latest"
          ? "Give every column csv.col_hdr or its own csv.col_idx."
          : "Give every column col_hdr or its own col_idx.",
    },
  );
}

function column(checking: Checking, { key, value }: Entry, node: NodeDraft): CsvColumn {
  const { problems, dialect } = checking;
  const settings = csvSettings(value, dialect);
  const type = fieldTypeOf(value, "col_type");
  const formatTree = textChild(settings, "col_format");
  const defaultTree = textChild(value, "col_default_value");
  const format = formatTree?.value ?? "";
  const defaultText = defaultTree?.value ?? "";
  const label = `node ${node.name}, column ${key}`;
  const name = header(checking, value) ?? "";
  if (type !== undefined && !isParquet(value)) {
    const fault = readFormatFault(type, format);
    const shown = format === "" ? "" : `col_format ${shownText(format)}: `;
    if (fault !== undefined)
      problems.add("FORMAT", formatTree ?? value, `${label}: ${shown}${fault}`);
    else if (defaultTree !== undefined && !isNothing(type, defaultText))
      checkDefault(checking, defaultTree, { type, format, label });
  }
  return {
    name: key,
    type: type ?? "string",
    header: name,
    index: numberChild(settings, "col_idx") ?? 0,
    format,
    defaultText: isNothing(type, defaultText) ? "" : defaultText,
  };
}

const isNothing = (type: FieldType | undefined, text: string): boolean =>
  type === "string" ? text === "" : text.trim() === "";

interface Conversion {
  readonly type: FieldType;
  readonly format: string;
  readonly label: string;
}

function checkDefault(
  { problems }: Checking,
  tree: TextTree,
  { type, format, label }: Conversion,
): void {
  const fault = cellDefaultFault(type, format, tree.value);
  if (fault === undefined) return;
  const message = `${label}: col_default_value ${shownText(tree.value)} is no ${type}: ${fault}`;
  problems.add("DEFAULT_TEXT", tree, message);
}
