import type { Fields, IndexDraft, NodeDraft, TableDraft } from "./drafts.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { parseIndex } from "./key-components.ts";
import { checkFieldNames, checkIndexName, checkTableName } from "./names.ts";
import type { Problems } from "./problem.ts";
import { NODE_KINDS, type NodeKind } from "./script.ts";
import { shownText } from "./shown.ts";
import { childOf, entriesOf, textChild, textOf, type Entry, type Tree } from "./tree.ts";

const isNodeKind = (text: unknown): text is NodeKind =>
  (NODE_KINDS as readonly unknown[]).includes(text);

/** All nodes with the names they define, so that any node can refer to any other. */
export function collectNodes(root: Tree, problems: Problems): readonly NodeDraft[] {
  return entriesOf(childOf(root, "nodes", "map")).flatMap(({ key, keyOffset, value }) => {
    if (value.kind !== "map") return [];
    if (key.includes(",") || key.trim() === "")
      problems.addAt(
        "NAME",
        { offset: keyOffset, path: value.path },
        `the node name ${shownText(key)} must not be empty or hold a comma`,
        { hint: "Start nodes are given as a list with commas." },
      );
    const type = textChild(value, "type")?.value;
    const kind = isNodeKind(type) ? type : undefined;
    const table = kind === "table_file" ? undefined : tableOf(key, value, problems);
    return [{ name: key, kind, tree: value, keyOffset, table }];
  });
}

function tableOf(node: string, tree: Tree, problems: Problems): TableDraft | undefined {
  const writer = childOf(tree, "w", "map");
  const name = textChild(writer, "name");
  if (name === undefined) return undefined;
  const label = `node ${node}`;
  const entries = entriesOf(childOf(writer, "fields", "map"));
  checkTableName(problems, name, label, name.value);
  checkFieldNames(problems, entries, label);
  const fields: Fields = new Map(
    entries.map(({ key, value }) => [key, fieldTypeOf(value, "type")]),
  );
  return { name: name.value, node, fields, place: name };
}

/** The first node that writes a table of a name owns it; the others are problems. */
export function collectTables(
  nodes: readonly NodeDraft[],
  problems: Problems,
): ReadonlyMap<string, TableDraft> {
  const byCase = new Map<string, TableDraft>();
  const tables = new Map<string, TableDraft>();
  for (const { table } of nodes) {
    if (table === undefined) continue;
    const owner = byCase.get(table.name.toLowerCase());
    if (owner !== undefined)
      problems.add(
        "NAME_DUPLICATE",
        table.place,
        `the nodes ${owner.node} and ${table.node} both write the table ${table.name}`,
        { hint: "Every table is written by one node; rename one of the tables." },
      );
    else byCase.set(table.name.toLowerCase(), table);
    if (!tables.has(table.name)) tables.set(table.name, table);
  }
  return tables;
}

/** All indexes by name; an index shares its name space with the tables. */
export function collectIndexes(
  nodes: readonly NodeDraft[],
  tables: ReadonlyMap<string, TableDraft>,
  problems: Problems,
): ReadonlyMap<string, IndexDraft> {
  const taken = new Map<string, string>();
  for (const { name, node } of tables.values())
    taken.set(name.toLowerCase(), `table of node ${node}`);
  const indexes = new Map<string, IndexDraft>();
  for (const { tree, table } of nodes) {
    if (table === undefined) continue;
    for (const entry of entriesOf(childOf(childOf(tree, "w", "map"), "indexes", "map"))) {
      checkIndexName(problems, entry, `node ${table.node}`);
      checkTaken(problems, entry, taken, table.node);
      if (!indexes.has(entry.key)) indexes.set(entry.key, indexOf(problems, entry, table));
    }
  }
  return indexes;
}

function checkTaken(
  problems: Problems,
  { key, keyOffset, value }: Entry,
  taken: Map<string, string>,
  node: string,
): void {
  const other = taken.get(key.toLowerCase());
  taken.set(key.toLowerCase(), `index of node ${node}`);
  if (other === undefined) return;
  const place = { offset: keyOffset, path: value.path };
  const message = `node ${node}: the index name ${key} is taken by the ${other}`;
  problems.addAt("NAME_DUPLICATE", place, message);
}

function indexOf(problems: Problems, { key, value }: Entry, table: TableDraft): IndexDraft {
  const text = textOf(value);
  const definition =
    text === undefined
      ? undefined
      : parseIndex(text.value, table.fields, ({ message, ...details }) => {
          const shown = `node ${table.node}, index ${key}: ${message}, in ${shownText(text.value)}`;
          problems.add("INDEX_DEFINITION", text, shown, details);
        });
  const { node, name, fields } = table;
  return { name: key, node, table: name, definition, fields, place: value };
}
