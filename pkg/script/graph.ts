import { Fault } from "#pkg/fault";
import type { Index, Script, ScriptNode, TableWriterNode } from "./script.ts";

interface Lookups {
  readonly nodes: ReadonlyMap<string, ScriptNode>;
  readonly tables: ReadonlyMap<string, TableWriterNode>;
  readonly indexes: ReadonlyMap<string, { readonly node: TableWriterNode; readonly index: Index }>;
  readonly children: ReadonlyMap<string, readonly string[]>;
}

/** Scripts are immutable, so what is derived from one stays true as long as it lives. */
const derived = new WeakMap<Script, Lookups>();

function lookupsOf(script: Script): Lookups {
  const known = derived.get(script);
  if (known !== undefined) return known;
  const nodes = new Map(script.nodes.map((node) => [node.name, node]));
  const writers = script.nodes.flatMap((node) => (node.kind === "table_file" ? [] : [node]));
  const tables = new Map(writers.map((node) => [node.writer.table, node]));
  const indexes = new Map(
    writers.flatMap((node) => node.writer.indexes.map((index) => [index.name, { node, index }])),
  );
  const children = childLists(script, tables);
  const lookups = { nodes, tables, indexes, children };
  derived.set(script, lookups);
  return lookups;
}

function childLists(
  script: Script,
  tables: ReadonlyMap<string, TableWriterNode>,
): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>(script.nodes.map(({ name }) => [name, []]));
  for (const node of script.nodes)
    for (const table of new Set(tablesRead(node))) {
      const owner = found(tables.get(table), `table ${table}`);
      children.get(owner.name)?.push(node.name);
    }
  return children;
}

function tablesRead(node: ScriptNode): readonly string[] {
  if (node.kind === "file_table") return [];
  return node.kind === "table_lookup_table"
    ? [node.reader.table, node.lookup.table]
    : [node.reader.table];
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Fault("INTERNAL", `the script has no ${what}`);
  return value;
}

/** Throws INTERNAL when there is none: ask only for names that come from the script. */
export const nodeNamed = (script: Script, name: string): ScriptNode =>
  found(lookupsOf(script).nodes.get(name), `node ${name}`);

/** The node that writes a table. */
export const ownerOfTable = (script: Script, table: string): TableWriterNode =>
  found(lookupsOf(script).tables.get(table), `table ${table}`);

/** The node that defines an index, and the index. */
export const ownerOfIndex = (
  script: Script,
  index: string,
): { readonly node: TableWriterNode; readonly index: Index } =>
  found(lookupsOf(script).indexes.get(index), `index ${index}`);

/** Names of the nodes whose tables a node reads and looks up; absent for what it does not read. */
export function sourcesOf(
  script: Script,
  node: ScriptNode,
): { readonly reader?: string; readonly lookup?: string } {
  if (node.kind === "file_table") return {};
  const reader = ownerOfTable(script, node.reader.table).name;
  return node.kind === "table_lookup_table"
    ? { reader, lookup: ownerOfTable(script, node.lookup.table).name }
    : { reader };
}

/** Names of the nodes that read a node's table or look it up, in script order, each once. */
export const childrenOf = (script: Script, name: string): readonly string[] =>
  found(lookupsOf(script).children.get(name), `node ${name}`);
