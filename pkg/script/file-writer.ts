import type { FieldType } from "#pkg/value";
import { csvSettings } from "./csv-settings.ts";
import type { Checking, Dialect, Fields, NodeDraft } from "./drafts.ts";
import { checkCondition, checkRequired, type Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { writeFormatFault } from "./formats.ts";
import { parseOrder } from "./key-components.ts";
import type { Problems } from "./problem.ts";
import type { FileWriter, NdjsonFileWriter, OutputColumn, ParquetFileWriter } from "./script.ts";
import { shownText } from "./shown.ts";
import {
  childOf,
  itemsOf,
  numberChild,
  stringChild,
  textChild,
  type TextTree,
  type Tree,
} from "./tree.ts";
import { checkUrl } from "./urls.ts";

const DEFAULT_LIMIT = { latest: 5_000_000, "1.1.6": 500_000 } satisfies Record<Dialect, number>;

/** `w` of a table_file node (spec/script.md 4.3). */
export function fileWriter(
  checking: Checking,
  node: NodeDraft,
  source: Fields | undefined,
): FileWriter {
  const { problems } = checking;
  const tree = childOf(node.tree, "w", "map");
  const settings = csvSettings(tree);
  const columns = itemsOf(childOf(tree, "columns", "list"));
  const url = textChild(tree, "url_template");
  const label = `node ${node.name}`;
  const kind = checkKind(checking, columns, label);
  if (url !== undefined) checkUrl(problems, url, "output", label);
  const named = columnFields(checking, columns, label);
  const own = new Map([["w", named]] as const);
  const top = topOf(checking, tree, named, label);
  const scope = new Map([["r", source]] as const);
  const common = {
    urlTemplate: url?.value ?? "",
    columns: columns.map((column) => outputColumn(checking, column, scope, { label, kind })),
    having: checkCondition(problems, textChild(tree, "having"), own, `${label}, having`),
    ...(top === undefined ? {} : { top }),
  };
  if (kind === "parquet") return { format: kind, codec: codecOf(tree), ...common };
  if (kind === "ndjson")
    return { format: kind, ...charsetOf(childOf(tree, "ndjson", "map")), ...common };
  return {
    format: "csv",
    separator: textChild(settings, "separator")?.value || ",",
    dialect: stringChild(settings, "dialect") === "capillaries" ? "capillaries" : "rfc4180",
    ...charsetOf(settings),
    ...common,
  };
}

/** The schema has refused other names (spec/script.md 4.3). */
function codecOf(writer: Tree | undefined): ParquetFileWriter["codec"] {
  const codec = stringChild(childOf(writer, "parquet", "map"), "codec");
  return codec === "snappy" || codec === "uncompressed" ? codec : "gzip";
}

/** The schema has refused other names. */
function charsetOf(settings: Tree | undefined): Pick<NdjsonFileWriter, "charset"> {
  const charset = stringChild(settings, "encoding");
  return charset === "" ? {} : { charset: charset as NonNullable<NdjsonFileWriter["charset"]> };
}

type Kind = FileWriter["format"];

/** The first column decides. */
function checkKind({ problems, dialect }: Checking, columns: readonly Tree[], label: string): Kind {
  const [first] = columns;
  if (first === undefined) return "csv";
  for (const kind of ["parquet", "ndjson"] as const) {
    if (nameIn(kind, first) === "") continue;
    const other = columns.find((column) => nameIn(kind, column) === "");
    if (other !== undefined)
      problems.add("SHAPE", other, `${label}: every column of a ${kind} file needs column_name`, {
        hint: `Give it ${kind}.column_name.`,
      });
    return kind;
  }
  if (stringChild(csvSettings(first), "header") !== "") return "csv";
  const message = `${label}: the first column has no header, so the kind of file is open`;
  const hint = dialect === "latest" ? "Give it csv.header." : "Give it header.";
  problems.add("SHAPE", first, message, { hint });
  return "csv";
}

const nameIn = (kind: Exclude<Kind, "csv">, column: Tree): string =>
  stringChild(childOf(column, kind, "map"), "column_name");

function columnFields({ problems }: Checking, columns: readonly Tree[], label: string): Fields {
  const fields = new Map<string, FieldType | undefined>();
  for (const column of columns) {
    const name = textChild(column, "name");
    if (name === undefined || name.value === "") continue;
    if (fields.has(name.value))
      problems.add("NAME_DUPLICATE", name, `${label}: two columns are named ${name.value}`, {
        severity: "warning",
        hint: "having and top.order mean the later one; rename one of them.",
      });
    fields.set(name.value, fieldTypeOf(column, "type"));
  }
  return fields;
}

function topOf(
  { problems, dialect }: Checking,
  writer: Tree | undefined,
  fields: Fields,
  label: string,
): FileWriter["top"] {
  const tree = childOf(writer, "top", "map");
  const text = textChild(tree, "order");
  if (text === undefined || text.value.trim() === "") return undefined;
  const order = parseOrder(text.value, fields, ({ message, ...details }) => {
    problems.add(
      "ORDER",
      text,
      `${label}, top.order: ${message}, in ${shownText(text.value)}`,
      details,
    );
  });
  const limit = numberChild(tree, "limit") ?? 0;
  return { order: order ?? [], limit: limit > 0 ? limit : DEFAULT_LIMIT[dialect] };
}

interface ColumnUse {
  readonly label: string;
  readonly kind: Kind;
}

function outputColumn(
  { problems }: Checking,
  column: Tree,
  scope: Scope,
  use: ColumnUse,
): OutputColumn {
  const type = fieldTypeOf(column, "type");
  const expression = textChild(column, "expression");
  const { header, format, isChecked } = textsOf(column, use.kind);
  // Messages need a name, but none that having could mean.
  const name = stringChild(column, "name") || `(${header})`;
  const label = `${use.label}, column ${name}`;
  if (expression !== undefined)
    checkRequired(problems, expression, { place: "field", scope, declared: type, label });
  if (type !== undefined && isChecked) checkFormat(problems, { column, format }, type, label);
  return {
    name,
    type: type ?? "string",
    expression: expression?.value ?? "",
    header,
    format: format?.value ?? "",
  };
}

interface ColumnTexts {
  readonly header: string;
  readonly format: TextTree | undefined;
  readonly isChecked: boolean;
}

/** Values of JSON have one form each; only datetimes are texts that can look this way or that. Parquet keeps values. */
function textsOf(column: Tree, kind: Kind): ColumnTexts {
  if (kind === "csv") {
    const settings = csvSettings(column);
    const format = textChild(settings, "format");
    return { header: stringChild(settings, "header"), format, isChecked: true };
  }
  const header = nameIn(kind, column);
  if (kind === "parquet") return { header, format: undefined, isChecked: false };
  const format = textChild(childOf(column, kind, "map"), "format");
  return { header, format, isChecked: format !== undefined && format.value !== "" };
}

function checkFormat(
  problems: Problems,
  place: { readonly column: Tree; readonly format: TextTree | undefined },
  type: FieldType,
  label: string,
): void {
  const format = place.format?.value ?? "";
  const fault = writeFormatFault(type, format);
  if (fault !== undefined)
    problems.add(
      "FORMAT",
      place.format ?? place.column,
      `${label}: format ${shownText(format)}: ${fault}`,
    );
}
