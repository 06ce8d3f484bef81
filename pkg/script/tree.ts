/** The parsed file with the place of everything in it; JSON and YAML look alike from here on. */
export type Tree = MapTree | ListTree | ScalarTree;

interface Located {
  /** UTF-16 offset of the first character in the file. */
  readonly offset: number;
  /** Keys from the root, joined by points; list positions in brackets. */
  readonly path: string;
}

export interface Entry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: Tree;
}

export interface MapTree extends Located {
  readonly kind: "map";
  /** In file order. Known keys are in their exact spelling after `spellKeys`. */
  readonly entries: Map<string, Entry>;
}

export interface ListTree extends Located {
  readonly kind: "list";
  readonly items: readonly Tree[];
}

export type Scalar = string | number | boolean | null;

/** How a scalar is written decides how an offset in its text is found in the file. */
export type ScalarStyle = "plain" | "double" | "single" | "block";

export interface ScalarTree extends Located {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly style: ScalarStyle;
  /** Parameters that were put in, in text order. */
  readonly insertions?: readonly Insertion[];
}

/** `length` characters at `start` of the final text stand for `sourceLength` characters the author wrote. */
export interface Insertion {
  readonly start: number;
  readonly length: number;
  readonly sourceLength: number;
}

export const childPath = (path: string, key: string): string =>
  path === "" ? key : `${path}.${key}`;

/** Undefined also for a key whose value is null: null means absent. */
export function child(tree: Tree | undefined, key: string): Tree | undefined {
  if (tree?.kind !== "map") return undefined;
  const value = tree.entries.get(key)?.value;
  return value?.kind === "scalar" && value.value === null ? undefined : value;
}

/** Values of the wrong kind read as absent: the schema check has already reported them. */
export function childOf<Kind extends Tree["kind"]>(
  tree: Tree | undefined,
  key: string,
  kind: Kind,
): Extract<Tree, { kind: Kind }> | undefined {
  const value = child(tree, key);
  return value?.kind === kind ? (value as Extract<Tree, { kind: Kind }>) : undefined;
}

export interface TextTree extends ScalarTree {
  readonly value: string;
}

export function textOf(tree: Tree | undefined): TextTree | undefined {
  return tree?.kind === "scalar" && typeof tree.value === "string" ? (tree as TextTree) : undefined;
}

export const textChild = (tree: Tree | undefined, key: string): TextTree | undefined =>
  textOf(child(tree, key));

/** "" when there is none. */
export const stringChild = (tree: Tree | undefined, key: string): string =>
  textChild(tree, key)?.value ?? "";

export function numberChild(tree: Tree | undefined, key: string): number | undefined {
  const value = childOf(tree, key, "scalar")?.value;
  return typeof value === "number" ? value : undefined;
}

export function boolChild(tree: Tree | undefined, key: string): boolean | undefined {
  const value = childOf(tree, key, "scalar")?.value;
  return typeof value === "boolean" ? value : undefined;
}

/** Entries of a map without those whose value is null. */
export function entriesOf(tree: Tree | undefined): readonly Entry[] {
  if (tree?.kind !== "map") return [];
  return [...tree.entries.values()].filter(
    ({ value }) => value.kind !== "scalar" || value.value !== null,
  );
}

export const itemsOf = (tree: Tree | undefined): readonly Tree[] =>
  tree?.kind === "list" ? tree.items : [];

/** Follows a JSON pointer to a place that exists. */
export function treeAt(root: Tree, pointer: string): Tree {
  let tree = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    tree = (tree.kind === "list" ? tree.items[Number(key)] : child(tree, key)) as Tree;
  }
  return tree;
}

/** The value without places, null entries of maps left out: what the JSON Schema describes. */
export function plainValue(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plainValue);
  return Object.fromEntries(
    entriesOf(tree).map(({ key, value }) => [key, plainValue(value)] as const),
  );
}
