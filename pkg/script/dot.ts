import type { Script, ScriptNode } from "./script.ts";
import { referencedFields } from "./referenced-fields.ts";

export interface DotDetail {
  /** Tables, batches and indexes on the edges. */
  readonly indexes: boolean;
  /** Fields on the edges. */
  readonly fields: boolean;
}

/** The script as a Graphviz digraph (spec/workflow.md 8.2), nodes and edges in script order, all names escaped. */
export function toDot(script: Script, detail: DotDetail): string {
  const name = [detail.indexes ? "idx" : "", detail.fields ? "fields" : ""]
    .filter(Boolean)
    .join("_");
  return [
    `digraph ${name === "" ? "script" : name} {`,
    `  graph [rankdir="TD",fontname="Helvetica",splines=true,pad=0.5,ranksep=0.5,nodesep=0.5];`,
    `  node [fontname="Helvetica",shape="record",fontsize=20];`,
    `  edge [fontname="Helvetica",fontsize=18];`,
    ...script.nodes.flatMap((node) => nodeLines(node).map(indented)),
    ...script.nodes.flatMap((node) => edgeLines(node, detail).map(indented)),
    "}",
    "",
  ].join("\n");
}

const indented = (line: string): string => `  ${line}`;

/** A DOT string; `\n`, `\l` and the like are written by the callers after this. */
const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** Text inside a record label. */
const recordText = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll(/[{}|<>]/g, "\\$&");

const idOf = (node: ScriptNode): string =>
  node.kind === "table_file" ? node.name : node.writer.table;

function nodeLines(node: ScriptNode): readonly string[] {
  const target = node.kind === "table_file" ? node.writer.urlTemplate : node.writer.table;
  const verb = node.kind === "table_file" ? "creates file:" : "creates table:";
  const cells = [recordText(node.name), `${verb}\\n${recordText(target)}`];
  if (node.kind === "table_lookup_table")
    cells.push(`${node.lookup.group ? "group" : "no group"}, ${node.lookup.join} join`);
  const width = node.startPolicy === "manual" ? 6 : 1;
  const lines = [
    `${quoted(idOf(node))} [shape="record",penwidth=${width},style="filled",fillcolor="white",` +
      `label="{${cells.join("|")}}",tooltip=${quoted(node.description)}];`,
  ];
  if (node.kind === "file_table") {
    const label = node.reader.urls.map((url) => quoted(url).slice(1, -1)).join("\\n");
    lines.unshift(`${quoted(String(node.reader.urls[0]))} [shape="folder",label="${label}"];`);
  }
  if (node.kind === "table_file")
    lines.push(`${quoted(target)} [shape="note",label=${quoted(target)}];`);
  return lines;
}

function edgeLines(node: ScriptNode, detail: DotDetail): readonly string[] {
  if (node.kind === "file_table") {
    const columns = detail.fields ? node.reader.columns.map(({ name }) => name) : [];
    return [edge(String(node.reader.urls[0]), idOf(node), "dotted", columns)];
  }
  const fields = detail.fields ? referencedFields(node) : { reader: [], lookup: [] };
  const table = node.reader.table;
  const lines = [edge(table, idOf(node), "solid", [...batches(node, detail), ...fields.reader])];
  if (node.kind === "table_lookup_table") {
    const { index, table: right } = node.lookup;
    const shown = detail.indexes ? [`${index} (lookup)`] : [];
    lines.push(edge(right, idOf(node), "dashed", [...shown, ...fields.lookup]));
  }
  if (node.kind === "table_file") {
    const columns = detail.fields ? node.writer.columns.map(({ name }) => name) : [];
    lines.push(edge(node.name, node.writer.urlTemplate, "dotted", columns));
  }
  return lines;
}

function batches(
  { reader }: Exclude<ScriptNode, { kind: "file_table" }>,
  detail: DotDetail,
): readonly string[] {
  if (!detail.indexes) return [];
  const { table, batches = 1 } = reader;
  return [`${table} (${batches === 1 ? "no parallelism" : `${batches} batches`})`];
}

function edge(from: string, to: string, style: string, lines: readonly string[]): string {
  const label = lines.map((line) => `${quoted(line).slice(1, -1)}\\l`).join("");
  return `${quoted(from)} -> ${quoted(to)} [style="${style}"${label === "" ? "" : `,label="${label}"`}];`;
}
