import type { FieldType } from "#pkg/value";
import type { Draft, DraftColumn } from "./draft.ts";
import type { GuessedDraft } from "./finding.ts";

export interface CommentedNames {
  readonly table: string;
  readonly outputUrl: string;
  /** How the script will be run, for its first comment. */
  readonly command: string;
}

/** Double-quoted YAML is JSON. */
const quoted = (text: string): string => JSON.stringify(text);

const FORMATS: Readonly<Record<FieldType, string>> = {
  string: "%s",
  int: "%d",
  float: "%v",
  decimal2: "%s",
  bool: "%t",
  datetime: "2006-01-02 15:04:05.000",
};

/** A YAML script that reads the file and writes it again, with a comment wherever somebody may want to change it. */
export function commentedScript(guessed: GuessedDraft, names: CommentedNames): string {
  const { draft, layouts } = guessed;
  const { table, outputUrl } = names;
  return `# Made from ${printable(draft.url)}. Run it with:
#   ${names.command}
nodes:
  read_${table}:
    type: file_table
    desc: Reads the file into a typed table
    r:
      # Further files of the same layout may be added; each is one batch.
      urls: [${quoted(draft.url)}]
${readerLines(draft)}      columns:
${draft.columns.map((column, at) => readerColumnLine(guessed, column, at)).join("")}    w:
      name: ${table}
      # Expressions may compute: r.<column>, functions, + - * /. Here they only pass values on.
      fields:
${draft.columns.map(fieldLine).join("")}  write_${table}:
    type: table_file
    desc: Writes the table into a file
    r: { table: ${table} }
    w:
      url_template: ${quoted(outputUrl)}
      # For a sorted file, remove the number sign and name the columns:
      # top: { order: ${quoted(`${draft.columns[0]?.field ?? ""}(asc)`)} }
      columns:
${draft.columns.map((column, at) => writerColumnLine(draft, column, layouts[at] ?? "")).join("")}dependency_policies:
  # A node reads the newest table that was written successfully, from this run first.
  newest:
    is_default: true
    event_priority_order: "run_is_current(desc),run_id(desc)"
    rules:
      - { cmd: nogo, expression: "nrs.run_is_current == false && nrs.run_status == wfmodel.RunStop" }
      - { cmd: go, expression: "nrs.node_status == wfmodel.NodeBatchSuccess" }
      - { cmd: nogo, expression: "nrs.node_status == wfmodel.NodeBatchFail" }
      - { cmd: wait, expression: "nrs.node_status <= wfmodel.NodeBatchStart" }
`;
}

const printable = (text: string): string => text.replaceAll(/[\r\n]/g, " ");

function readerLines(draft: Draft): string {
  const { format, separator, headerIndex, firstDataIndex, encoding } = draft;
  if (format === "parquet") return "";
  const kept = encoding === undefined ? "" : `encoding: ${encoding}`;
  if (format === "ndjson") return kept === "" ? "" : `      ndjson: { ${kept} }\n`;
  const records = `hdr_line_idx: ${headerIndex}, first_data_line_idx: ${firstDataIndex}`;
  return `      csv: { ${records}, separator: ${quoted(separator)}${kept === "" ? "" : `, ${kept}`} }\n`;
}

function readerColumnLine(
  { draft, findings }: GuessedDraft,
  { column, field, header, type, readFormat }: DraftColumn,
  at: number,
): string {
  // Findings about the file come first, and a column may be called "header" as well.
  const finding = findings.findLast(({ what }) => what === field);
  const note = finding === undefined ? "" : ` # ${finding.confidence}: ${printable(finding.why)}`;
  const place = draft.headerIndex >= 0 ? `col_hdr: ${quoted(header)}` : `col_idx: ${at}`;
  const format = readFormat === "" ? "" : `, col_format: ${quoted(readFormat)}`;
  const source = {
    parquet: `parquet: { col_name: ${quoted(header)} }`,
    ndjson: `ndjson: { col_name: ${quoted(header)}${format} }`,
    csv: `csv: { ${place}${format} }`,
  }[draft.format];
  return `        ${column}: { ${source}, col_type: ${type} }${note}\n`;
}

const fieldLine = ({ field, column, type }: DraftColumn): string =>
  `        ${field}: { expression: r.${column}, type: ${type} }\n`;

function writerColumnLine(
  { format }: Draft,
  { field, header, type }: DraftColumn,
  layout: string,
): string {
  const shown = quoted(header === "" ? field : header);
  const target = {
    parquet: `parquet: { column_name: ${shown} }`,
    ndjson: `ndjson: { column_name: ${shown} }`,
    csv: `csv: { header: ${shown}, format: ${quoted(layout === "" ? FORMATS[type] : layout)} }`,
  }[format];
  return `        - { ${target}, name: ${field}, expression: r.${field}, type: ${type} }\n`;
}
