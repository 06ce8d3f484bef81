import { fileTable } from "./file-reader.ts";
import { tableFile } from "./file-writer.ts";
import { lookupTable } from "./lookup-node.ts";
import { Random } from "./random.ts";
import { distinctTable, tableTable } from "./table-nodes.ts";
import {
  keyParts,
  POLICIES,
  valuesOf,
  type Expected,
  type Input,
  type NodeSpec,
  type Pipeline,
} from "./tables.ts";
import { keyOf, partText, type Row } from "./values.ts";

const DISTINCT = "_distinct";

const KINDS = ["table", "distinct", "lookup", "lookup", "lookup"] as const;

function randomNode(
  random: Random,
  name: string,
  nodes: readonly NodeSpec[],
): NodeSpec | undefined {
  const source = random.pick(nodes);
  const kind = random.pick(KINDS);
  if (kind === "table") return tableTable(random, name, source);
  if (kind === "distinct") return distinctTable(random, name, source);
  return lookupTable(random, name, [source, random.pick(nodes)]);
}

/** Lookups in lookups multiply rows. */
const MOST_ROWS = 1000;

/** Adds a node unless it makes too many rows. */
function addNode(random: Random, nodes: NodeSpec[], rows: Map<NodeSpec, readonly Row[]>): void {
  const known = nodes.map(({ indexes }) => indexes.length);
  const made = randomNode(random, `t${nodes.length}`, nodes);
  if (made === undefined) return;
  const written = made.expect(made.sources.map((source) => rows.get(source) ?? [])).rows;
  if (written.length <= MOST_ROWS) {
    nodes.push(made);
    rows.set(made, written);
    return;
  }
  // Nobody would use the index that was made for it.
  nodes.forEach(({ indexes }, at) => indexes.splice(known[at] as number));
}

/** Unique indexes that nobody reads, often violated; distinct_table has one of its own. */
function addUniqueIndexes(random: Random, nodes: readonly NodeSpec[]): void {
  for (const { table, fields, indexes } of nodes)
    if (random.chance(12) && !indexes.some(({ unique }) => unique))
      indexes.push({
        name: `idx_to_check_uniq_${table}`,
        unique: true,
        parts: keyParts(random, fields),
      });
}

/** A random script with its inputs; the same for the same seed. */
export function randomPipeline(seed: number): Pipeline {
  const random = new Random(seed);
  const inputs: Input[] = [];
  const nodes = random.times(random.whole(1, 3), (at) => {
    const [spec, files] = fileTable(random, `t${at}`);
    inputs.push(...files);
    return spec;
  });
  const rows = new Map<NodeSpec, readonly Row[]>();
  for (const node of nodes) rows.set(node, node.expect([]).rows);
  for (let left = random.whole(1, 5); left > 0; left -= 1) addNode(random, nodes, rows);
  addUniqueIndexes(random, nodes);
  const isRead = (node: NodeSpec): boolean => nodes.some(({ sources }) => sources.includes(node));
  const writers = nodes.flatMap((node, at) =>
    !isRead(node) || random.chance(30)
      ? random.times(random.chance(20) ? 2 : 1, (copy) => tableFile(random, `f${at}_${copy}`, node))
      : [],
  );
  return { inputs, nodes: [...nodes, ...writers] };
}

const indexText = ({ indexes }: NodeSpec): Readonly<Record<string, string>> =>
  Object.fromEntries(
    indexes.map(({ name, unique, parts }) => [
      name,
      `${unique ? "" : "non_"}unique(${parts.map(partText).join(",")})`,
    ]),
  );

/** Nodes of the script, by name; inputs are in one folder, outputs in another. */
export function nodesOf(
  { nodes }: Pipeline,
  folders: { readonly input: string; readonly output: string },
): Readonly<Record<string, object>> {
  const json = Object.fromEntries(nodes.map((node) => [node.name, node.json(indexText(node))]));
  const text = JSON.stringify(json)
    .replaceAll('"IN/', `"${folders.input}/`)
    .replaceAll('"OUT/', `"${folders.output}/`);
  return JSON.parse(text) as Readonly<Record<string, object>>;
}

export const scriptOf = (
  pipeline: Pipeline,
  folders: { readonly input: string; readonly output: string },
): string => JSON.stringify({ nodes: nodesOf(pipeline, folders), dependency_policies: POLICIES });

function isViolated({ indexes }: NodeSpec, rows: readonly Row[]): boolean {
  return indexes.some(({ unique, parts, name }) => {
    if (!unique || name.endsWith(DISTINCT)) return false;
    const keys = rows.map((row) => keyOf(valuesOf(row, parts), parts));
    return new Set(keys).size < keys.length;
  });
}

function expectedOf(node: NodeSpec, known: ReadonlyMap<string, Expected>): Expected {
  const sources = node.sources.map(({ name }) => known.get(name) as Expected);
  const nothing = { rows: [], rejected: [], files: {} };
  if (sources.some(({ state }) => state !== "success")) return { ...nothing, state: "skipped" };
  const { failed, files = {}, ...found } = node.expect(sources.map(({ rows }) => rows));
  if (failed || isViolated(node, found.rows)) return { ...nothing, state: "fail" };
  return { ...found, files, state: "success" };
}

/** What must come of a pipeline, whatever the setting. */
export interface Result {
  /** State of every node. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Texts of the written files by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Rows that nodes which succeeded set aside. */
  readonly rejected: Readonly<Record<string, Expected["rejected"]>>;
}

/** What the model, plain loops over rows in memory, says of a pipeline. */
export function expectedResult({ nodes }: Pipeline): Result {
  const known = new Map<string, Expected>();
  for (const node of nodes) known.set(node.name, expectedOf(node, known));
  const each = [...known];
  return {
    nodes: Object.fromEntries(each.map(([name, { state }]) => [name, state])),
    files: Object.assign({}, ...each.map(([, { files }]) => files)) as Record<string, string>,
    rejected: Object.fromEntries(
      each
        .filter(([, { rejected }]) => rejected.length > 0)
        .map(([name, { rejected }]) => [name, rejected]),
    ),
  };
}
