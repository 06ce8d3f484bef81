import type { Dialect } from "./drafts.ts";
import type { Problems } from "./problem.ts";
import { childPath, childOf, entriesOf, itemsOf, type Entry, type Tree } from "./tree.ts";

type KeysByPlace = Readonly<
  Record<"reader" | "readerColumn" | "writer" | "writerColumn" | "processor", readonly string[]>
>;

/** Keys that only one generation knows, by the place where they stand (spec/script.md 16). */
const KEYS = {
  latest: {
    reader: ["csv", "ndjson"],
    readerColumn: ["csv", "parquet", "ndjson"],
    writer: ["csv", "parquet", "ndjson"],
    writerColumn: ["csv", "parquet", "ndjson"],
    processor: ["tag_criteria_url"],
  },
  "1.1.6": {
    reader: ["hdr_line_idx", "first_data_line_idx", "separator"],
    readerColumn: ["col_hdr", "col_idx", "col_format"],
    writer: ["separator", "dialect"],
    writerColumn: ["header", "format"],
    processor: ["tag_criteria_uri"],
  },
} as const satisfies Record<Dialect, KeysByPlace>;

interface Evidence {
  readonly path: string;
  readonly offset: number;
}

/** Told from the keys; without any, from the prefix of the policies; without those, latest (design 10). */
export function dialectOf(root: Tree, problems: Problems): Dialect {
  const latest = firstOf(root, KEYS.latest);
  const older = firstOf(root, KEYS["1.1.6"]);
  if (latest !== undefined && older !== undefined) {
    const message = `${older.path} belongs to generation 1.1.6, but ${latest.path} to the latest one`;
    problems.addAt("DIALECT", older, message);
  }
  if (latest !== undefined) return "latest";
  return older !== undefined || usesOlderEvents(root) ? "1.1.6" : "latest";
}

function firstOf(root: Tree, keys: KeysByPlace): Evidence | undefined {
  let first: Evidence | undefined;
  const look = (tree: Tree | undefined, names: readonly string[]): void => {
    if (first === undefined) first = evidence(tree, names);
  };
  for (const { value: node } of entriesOf(childOf(root, "nodes", "map"))) {
    const reader = childOf(node, "r", "map");
    const writer = childOf(node, "w", "map");
    look(reader, keys.reader);
    for (const { value } of entriesOf(childOf(reader, "columns", "map")))
      look(value, keys.readerColumn);
    look(writer, keys.writer);
    for (const value of itemsOf(childOf(writer, "columns", "list"))) look(value, keys.writerColumn);
    look(childOf(node, "p", "map"), keys.processor);
  }
  return first;
}

function evidence(tree: Tree | undefined, names: readonly string[]): Evidence | undefined {
  const found: Entry | undefined = entriesOf(tree).find(({ key }) => names.includes(key));
  if (tree === undefined || found === undefined) return undefined;
  return { path: childPath(tree.path, found.key), offset: found.keyOffset };
}

const usesOlderEvents = (root: Tree): boolean =>
  entriesOf(childOf(root, "dependency_policies", "map")).some(({ value }) =>
    itemsOf(childOf(value, "rules", "list")).some((rule) =>
      entriesOf(rule).some(
        ({ key, value: text }) =>
          key === "expression" && text.kind === "scalar" && /\be\.\w/.test(String(text.value)),
      ),
    ),
  );
