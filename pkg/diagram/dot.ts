import type { Script, ScriptNode } from "#pkg/script";
import { dotStatusColor } from "./colors.ts";
import { labelsOf, type DiagramOptions } from "./picture.ts";

export interface DotOptions extends Omit<DiagramOptions, "rootPalette"> {
  /** Those of 1.1.6 that show one kind of detail are named by it. */
  readonly graphName?: "idx_fields" | "indexes" | "fields";
}

/** The script as a Graphviz digraph (spec/workflow.md 8.2), nodes and edges in script order, all names escaped. */
export function toDot(
  script: Script,
  { graphName = "idx_fields", ...options }: DotOptions,
): string {
  return [
    `digraph ${graphName} {`,
    `  graph [rankdir="TD",fontname="Helvetica",splines=true,pad=0.5,ranksep=0.5,nodesep=0.5];`,
    `  node [fontname="Helvetica",shape="record",fontsize=20];`,
    `  edge [fontname="Helvetica",fontsize=18];`,
    ...script.nodes.flatMap((node) => nodeLines(node, options).map(indented)),
    ...script.nodes.flatMap((node) => edgeLines(node, options).map(indented)),
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

function nodeLines(node: ScriptNode, { statuses }: DiagramOptions): readonly string[] {
  const target = node.kind === "table_file" ? node.writer.urlTemplate : node.writer.table;
  const verb = node.kind === "table_file" ? "creates file:" : "creates table:";
  const cells = [recordText(node.name), `${verb}\\n${recordText(target)}`];
  if (node.kind === "table_lookup_table")
    cells.push(`${node.lookup.group ? "group" : "no group"}, ${node.lookup.join} join`);
  const width = node.startPolicy === "manual" ? 6 : 1;
  const color = dotStatusColor(statuses?.get(node.name) ?? 0);
  const lines = [
    `${quoted(idOf(node))} [shape="record",penwidth=${width},style="filled",fillcolor="${color}",` +
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

function edgeLines(node: ScriptNode, options: DiagramOptions): readonly string[] {
  if (node.kind === "file_table") {
    const columns = options.fields ? node.reader.columns.map(({ name }) => name) : [];
    return [edge(String(node.reader.urls[0]), idOf(node), "dotted", columns)];
  }
  const labels = labelsOf(node, options);
  const lines = [edge(node.reader.table, idOf(node), "solid", labels.reader)];
  if (node.kind === "table_lookup_table")
    lines.push(edge(node.lookup.table, idOf(node), "dashed", labels.lookup));
  if (node.kind === "table_file") {
    const columns = options.fields ? node.writer.columns.map(({ name }) => name) : [];
    lines.push(edge(node.name, node.writer.urlTemplate, "dotted", columns));
  }
  return lines;
}

function edge(from: string, to: string, style: string, lines: readonly string[]): string {
  const label = lines.map((line) => `${quoted(line).slice(1, -1)}\\l`).join("");
  return `${quoted(from)} -> ${quoted(to)} [style="${style}"${label === "" ? "" : `,label="${label}"`}];`;
}
