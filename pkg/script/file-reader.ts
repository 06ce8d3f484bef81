import { csvSettings, readSeparator } from "./csv-settings.ts";
import type { Checking, NodeDraft } from "./drafts.ts";
import { checkColumnNames } from "./names.ts";
import {
  headerOf,
  isNdjsonColumn,
  isParquetColumn,
  ndjsonColumn,
  parquetColumn,
  readerColumn,
} from "./reader-column.ts";
import type { Charset, FileReader } from "./script.ts";
import {
  childOf,
  entriesOf,
  itemsOf,
  numberChild,
  stringChild,
  textOf,
  type Entry,
  type Tree,
} from "./tree.ts";
import { checkUrl } from "./urls.ts";

/** `r` of a file_table node (spec/script.md 3.1-3.3). */
export function fileReader(checking: Checking, node: NodeDraft): FileReader {
  const tree = childOf(node.tree, "r", "map");
  const settings = csvSettings(tree);
  const columns = childOf(tree, "columns", "map");
  const entries = entriesOf(columns);
  const label = `node ${node.name}`;
  if (columns !== undefined) checkKind(checking, columns, entries, label);
  checkColumnNames(checking.problems, entries, label);
  const urls = urlsOf(checking, tree, label);
  if (entries.some(({ value }) => isParquetColumn(value)))
    return {
      format: "parquet",
      urls,
      columns: entries.map((entry) => parquetColumn(checking, entry, label)),
    };
  if (entries.some(({ value }) => isNdjsonColumn(value)))
    return {
      format: "ndjson",
      urls,
      ...charsetOf(childOf(tree, "ndjson", "map")),
      columns: entries.map((entry, index) => ndjsonColumn(checking, entry, { label, index })),
    };
  const byHeader = entries.some(({ value }) => headerOf(value) !== "");
  const headerIndex = Math.max(-1, numberChild(settings, "hdr_line_idx") ?? 0);
  if (byHeader && headerIndex < 0)
    checking.problems.add(
      "SHAPE",
      childOf(settings, "hdr_line_idx", "scalar") as Tree,
      `${label}: the columns are found by header, but hdr_line_idx says that there is none`,
      { hint: "Set hdr_line_idx to the record of the header, or use col_idx." },
    );
  return {
    format: "csv",
    urls,
    separator: readSeparator(checking.problems, settings, label),
    ...charsetOf(settings),
    headerIndex,
    firstDataIndex: Math.max(0, numberChild(settings, "first_data_line_idx") ?? 0),
    byHeader,
    columns: entries.map((entry) => readerColumn(checking, entry, label)),
  };
}

/** The schema has refused other names. */
function charsetOf(settings: Tree | undefined): { readonly charset?: Charset } {
  const charset = stringChild(settings, "encoding");
  return charset === "" ? {} : { charset: charset as Charset };
}

function urlsOf({ problems }: Checking, tree: Tree | undefined, label: string): readonly string[] {
  const urls = itemsOf(childOf(tree, "urls", "list")).flatMap((item) => textOf(item) ?? []);
  for (const url of urls) checkUrl(problems, url, "input", label);
  return urls.map(({ value }) => value);
}

/** Parquet or CSV, by header or by index: never mixed, and never left open. */
function checkKind(
  checking: Checking,
  place: Tree,
  columns: readonly Entry[],
  label: string,
): void {
  const parquet = columns.filter(({ value }) => isParquetColumn(value));
  checkMixed(checking, columns, parquet, { label, how: "kinds of file, CSV and parquet" });
  if (parquet.length > 0) return;
  const ndjson = columns.filter(({ value }) => isNdjsonColumn(value));
  checkMixed(checking, columns, ndjson, { label, how: "kinds of file, CSV and NDJSON" });
  if (ndjson.length > 0) return;
  const named = columns.filter(({ value }) => headerOf(value) !== "");
  checkMixed(checking, columns, named, { label, how: "ways to be found, by header and by index" });
  const hasIndex = columns.some(
    ({ value }) => (numberChild(csvSettings(value), "col_idx") ?? 0) > 0,
  );
  if (named.length > 0 || columns.length === 1 || hasIndex) return;
  const message = `${label}: it cannot be told how the columns are found in the file`;
  const settings = checking.dialect === "latest" ? "csv." : "";
  checking.problems.add("SHAPE", place, message, {
    hint: `Give every column ${settings}col_hdr or its own ${settings}col_idx.`,
  });
}

interface Mixture {
  readonly label: string;
  readonly how: string;
}

function checkMixed(
  { problems }: Checking,
  columns: readonly Entry[],
  some: readonly Entry[],
  { label, how }: Mixture,
): void {
  const [first] = some;
  const other = columns.find((entry) => !some.includes(entry));
  if (first === undefined || other === undefined) return;
  problems.add(
    "SHAPE",
    other.value,
    `${label}: the columns ${first.key} and ${other.key} have different ${how}`,
    { hint: "Describe all columns of a reader in the same way." },
  );
}
