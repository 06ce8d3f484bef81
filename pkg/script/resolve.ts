import type { Checking, NodeDraft } from "./drafts.ts";
import type { ScriptNode, TableFileNode } from "./script.ts";
import { childOf, textChild, type TextTree, type Tree } from "./tree.ts";

/** Checks that need the whole script: indexes in use, cycles, targets (spec/script.md 2.4, design 10). */
export function checkWhole(checking: Checking, nodes: readonly ScriptNode[]): void {
  checkIndexesUsed(checking, nodes);
  checkCycles(checking);
  checkTargets(checking, nodes);
  checkInputsStay(checking, nodes);
}

/** 1.1.6 has no such check, so its scripts only get a warning. */
function checkIndexesUsed(checking: Checking, nodes: readonly ScriptNode[]): void {
  const { problems, indexes, dialect } = checking;
  const used = new Set(
    nodes.flatMap((node) => (node.kind === "table_lookup_table" ? [node.lookup.index] : [])),
  );
  if ([...used].some((name) => !indexes.has(name))) return;
  const kinds = new Map(checking.nodes.map(({ name, kind }) => [name, kind]));
  for (const { name, node, definition, place } of indexes.values()) {
    const isDistinct = kinds.get(node) === "distinct_table" && definition?.unique !== false;
    if (used.has(name) || isDistinct || name.includes("to_check_uniq")) continue;
    problems.add("INDEX_UNUSED", place, `node ${node}: no lookup uses the index ${name}`, {
      severity: dialect === "latest" ? "error" : "warning",
    });
  }
}

interface Edge {
  readonly to: string;
  readonly place: Tree;
}

/** Each cycle is reported once, at the reference that closes it. */
function checkCycles(checking: Checking): void {
  const edges = new Map(checking.nodes.map((node) => [node.name, sourceEdges(checking, node)]));
  const finished = new Set<string>();
  for (const { name } of checking.nodes) walk(checking, edges, finished, name);
}

function walk(
  { problems }: Checking,
  edges: ReadonlyMap<string, readonly Edge[]>,
  finished: Set<string>,
  start: string,
): void {
  if (finished.has(start)) return;
  const path = [{ name: start, next: 0 }];
  const onPath = new Map([[start, 0]]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const edge = edges.get(top.name)?.[top.next];
    top.next += 1;
    if (edge === undefined) {
      finished.add(top.name);
      onPath.delete(top.name);
      path.pop();
      continue;
    }
    const from = onPath.get(edge.to);
    if (from !== undefined) {
      const names = path.slice(from).map(({ name }) => name);
      const shown = [...names, edge.to].join(" ← ");
      problems.add("CYCLE", edge.place, `the nodes form a cycle: ${shown}`);
    } else if (!finished.has(edge.to)) {
      onPath.set(edge.to, path.length);
      path.push({ name: edge.to, next: 0 });
    }
  }
}

function sourceEdges({ tables, indexes }: Checking, { tree, kind }: NodeDraft): readonly Edge[] {
  if (kind === "file_table") return [];
  const table = textChild(childOf(tree, "r", "map"), "table");
  const lookup = kind === "table_lookup_table" ? childOf(tree, "l", "map") : undefined;
  const index = textChild(lookup, "index_name");
  return [
    ...edge(table, (name) => tables.get(name)?.node),
    ...edge(index, (name) => indexes.get(name)?.node),
  ];
}

function edge(
  place: TextTree | undefined,
  ownerOf: (name: string) => string | undefined,
): readonly Edge[] {
  const to = place === undefined ? undefined : ownerOf(place.value);
  return place === undefined || to === undefined ? [] : [{ to, place }];
}

const BATCH = "{batch_idx|string}";

/**
 * Every batch has its own file, and so has every node that runs without being named. Nodes that need a manual start may be
 * alternatives; the start of a run refuses two that run together.
 */
function checkTargets(checking: Checking, nodes: readonly ScriptNode[]): void {
  const owners = new Map<string, string>();
  const manual = behindManualNodes(checking, nodes);
  for (const node of nodes) {
    if (node.kind !== "table_file" || node.writer.urlTemplate === "") continue;
    checkBatches(checking, node);
    if (manual.has(node.name)) continue;
    const target = normalised(node.writer.urlTemplate);
    const owner = owners.get(target);
    owners.set(target, owner ?? node.name);
    const place = urlPlace(checking, node);
    if (owner !== undefined && place !== undefined)
      checking.problems.add(
        "TARGET_CONFLICT",
        place,
        `the nodes ${owner} and ${node.name} write the same file ${node.writer.urlTemplate}`,
      );
  }
}

/** Another run may well read what this one writes; a file that is replaced by what was made of it is most likely a slip. */
function checkInputsStay(checking: Checking, nodes: readonly ScriptNode[]): void {
  const inputs = new Map<string, readonly string[]>();
  for (const node of nodes)
    if (node.kind === "file_table") inputs.set(node.name, node.reader.urls.map(normalised));
  const read = new Set([...inputs.values()].flat());
  for (const node of nodes) {
    if (node.kind !== "table_file") continue;
    const target = normalised(node.writer.urlTemplate);
    if (!read.has(target)) continue;
    const behind = reachable([node.name], (name) => sourcesOf(checking, name));
    const reader = [...behind].find((name) => inputs.get(name)?.includes(target));
    const place = urlPlace(checking, node);
    if (reader !== undefined && place !== undefined)
      checking.problems.add(
        "INPUT_REPLACED",
        place,
        `node ${node.name} writes over ${node.writer.urlTemplate}, which node ${reader} reads for it`,
        { severity: "warning" },
      );
  }
}

/** The nodes that a node reads from. */
const sourcesOf = (checking: Checking, name: string): readonly string[] =>
  checking.nodes
    .filter((draft) => draft.name === name)
    .flatMap((draft) => sourceEdges(checking, draft).map(({ to }) => to));

/** The names themselves and all that `next` leads to, directly or through others; nearer ones first. */
function reachable(
  names: readonly string[],
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(names);
  for (const name of found) for (const to of next(name)) found.add(to);
  return found;
}

/** The nodes that are manual, and those that read from such a node, directly or through others. */
function behindManualNodes(checking: Checking, nodes: readonly ScriptNode[]): ReadonlySet<string> {
  const readers = new Map<string, string[]>();
  for (const node of checking.nodes)
    for (const { to } of sourceEdges(checking, node))
      readers.set(to, [...(readers.get(to) ?? []), node.name]);
  const manual = nodes.flatMap(({ name, startPolicy }) => (startPolicy === "manual" ? [name] : []));
  return reachable(manual, (name) => readers.get(name) ?? []);
}

function checkBatches(checking: Checking, node: TableFileNode): void {
  const { batches = 1 } = node.reader;
  const place = urlPlace(checking, node);
  if (
    batches < 2 ||
    !Number.isInteger(batches) ||
    place === undefined ||
    node.writer.urlTemplate.includes(BATCH)
  )
    return;
  checking.problems.add(
    "TARGET_CONFLICT",
    place,
    `node ${node.name}: ${batches} batches would write one file; url_template needs {batch_idx}`,
    { hint: "Put {batch_idx} into url_template, or set expected_batches_total to 1." },
  );
}

const urlPlace = ({ nodes }: Checking, { name }: TableFileNode): Tree | undefined => {
  const draft = nodes.find((node) => node.name === name);
  return textChild(childOf(draft?.tree, "w", "map"), "url_template");
};

/** `./out//a.csv` and `out/a.csv` are one file. */
const normalised = (path: string): string =>
  path.replaceAll(/\/(?:\.?\/)+/g, "/").replace(/^(?:\.\/)+/, "");
