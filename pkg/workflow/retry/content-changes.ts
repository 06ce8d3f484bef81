import type { ScriptNode } from "#pkg/script";

/** Parts of a node that say when and whether it runs, or where it was written, not what it makes. */
const ABOUT_RUNNING: ReadonlySet<string> = new Set([
  "description",
  "startPolicy",
  "rerunPolicy",
  "place",
  "policy",
  "rowsetSize",
  "checks",
  "rejects",
]);

/**
 * Where two versions of a node differ in what they make, as paths for people; empty when a batch of one is a batch of the
 * other. Whatever is not known to be without influence counts (W16).
 */
export function contentChanges(before: ScriptNode, after: ScriptNode): readonly string[] {
  const paths: string[] = [];
  compare("", contentOf(before), contentOf(after), paths);
  if (isStricter(before.rejects, after.rejects)) paths.push("on_error");
  return paths;
}

/** A batch that was committed when bad rows failed it has none; one that rejected some would fail now. */
const isStricter = (before: ScriptNode["rejects"], after: ScriptNode["rejects"]): boolean =>
  (before?.records === true && after?.records !== true) ||
  (before?.rows === true && after?.rows !== true);

/** Whether two versions of a node judge what it makes differently. */
export const areChecksChanged = (before: ScriptNode, after: ScriptNode): boolean => {
  const paths: string[] = [];
  compare("", before.checks, after.checks, paths);
  return paths.length > 0;
};

/** An index that is not unique leaves no trace in the data: lookups build their keys from the columns. */
function contentOf(node: ScriptNode): unknown {
  if (node.kind === "table_file") return node;
  const indexes = node.writer.indexes.filter(({ unique }) => unique);
  return { ...node, writer: { ...node.writer, indexes } };
}

function compare(path: string, before: unknown, after: unknown, paths: string[]): void {
  if (Object.is(before, after)) return;
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === undefined || right === undefined) {
    paths.push(path);
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()]))
    if (!ABOUT_RUNNING.has(name))
      compare(path === "" ? name : `${path}.${name}`, left.get(name), right.get(name), paths);
  if (Array.isArray(before) && sameMembers(left, right) && !sameOrder(left, right))
    paths.push(`${path} (order)`);
}

type Members = ReadonlyMap<string, unknown>;

/** Elements of a list go by their name where they have one, so that an added field does not move all that follow. */
function membersOf(value: unknown): Members | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((element, at) => [nameOf(element) ?? String(at), element as unknown]));
}

const nameOf = (element: unknown): string | undefined =>
  typeof element === "object" && element !== null && "name" in element
    ? String(element.name)
    : undefined;

const sameMembers = (left: Members, right: Members): boolean =>
  left.size === right.size && [...left.keys()].every((name) => right.has(name));

const sameOrder = (left: Members, right: Members): boolean => {
  const names = [...right.keys()];
  return [...left.keys()].every((name, at) => names[at] === name);
};
