import type { Problems } from "./problem.ts";
import schema from "./schema.json" with { type: "json" };
import { hinted } from "./suggested.ts";
import { childPath, textOf, type Entry, type MapTree, type Tree } from "./tree.ts";

/** The part of JSON Schema that says which keys a map may have. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly if?: { readonly properties: Readonly<Record<string, { readonly const: string }>> };
  readonly then?: Schema;
}

const ROOT = schema as unknown as Schema & { readonly $defs: Readonly<Record<string, Schema>> };
/** Settings that must not get lost through a slip of the fingers: they keep data back or hide it. */
const GUARDED = ["review", "checks", "on_error", "max_rejected", "mask"];

/**
 * Puts known keys into their exact spelling and reports keys that mean nothing (design 10). What is known comes from the
 * JSON Schema alone.
 */
export const spellKeys = (tree: Tree, problems: Problems): Tree =>
  new Speller(problems).tree(tree, [ROOT]);

class Speller {
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  tree(tree: Tree, schemas: readonly Schema[]): Tree {
    if (tree.kind === "scalar") return tree;
    const applicable = schemas.flatMap(expand);
    if (tree.kind === "map") return this.#map(tree, applicable);
    const inner = applicable.flatMap(({ items }) => items ?? []);
    return { ...tree, items: tree.items.map((item) => this.tree(item, inner)) };
  }

  #map(tree: MapTree, schemas: readonly Schema[]): MapTree {
    const named = withKinds(tree, schemas);
    const known = new Map<string, Schema[]>();
    for (const { properties = {} } of named)
      for (const [key, schema] of Object.entries(properties))
        known.set(key, [...(known.get(key) ?? []), schema]);
    const others = named.flatMap(({ additionalProperties: each }) =>
      typeof each === "object" ? [each] : [],
    );
    const isClosed = named.some(({ additionalProperties }) => additionalProperties === false);
    const entries = new Map<string, Entry>();
    for (const entry of tree.entries.values()) {
      const key = known.size === 0 || isClosed ? entry.key : this.#spell(entry, tree, known);
      const inner = known.get(key) ?? (known.size === 0 ? others : []);
      if (known.size === 0) this.#refuseNull(entry, others);
      entries.set(key, { ...entry, key, value: this.tree(entry.value, inner) });
    }
    return { ...tree, entries };
  }

  /** A setting that is null is absent; a node, field, column, index, tag or policy that is null was left unfinished. */
  #refuseNull({ value }: Entry, schemas: readonly Schema[]): void {
    if (value.kind !== "scalar" || value.value !== null) return;
    const type = schemas.flatMap(expand).find((schema) => schema.type !== undefined)?.type;
    if (type === undefined) return;
    const noun = type === "object" ? "a map" : `a ${type}`;
    this.#problems.add("SHAPE", value, `${value.path} must be ${noun}, not null`);
  }

  /** The key as the schema spells it; an unknown one stays. */
  #spell({ key, keyOffset }: Entry, tree: MapTree, known: ReadonlyMap<string, unknown>): string {
    if (known.has(key)) return key;
    const place = { offset: keyOffset, path: childPath(tree.path, key) };
    const exact = [...known.keys()].find((each) => each.toLowerCase() === key.toLowerCase());
    if (exact !== undefined && !tree.entries.has(exact)) {
      this.#problems.addAt("KEY_CASE", place, `the key ${key} is read as ${exact}`, {
        severity: "warning",
      });
      return exact;
    }
    const guarded = isUnderNodes(tree) && GUARDED.find((each) => isNear(key, each, 2));
    if (typeof guarded === "string")
      this.#problems.addAt("KEY_MISTYPED", place, `the key ${key} looks like ${guarded}`, {
        hint: `Did you mean ${guarded}? A mistyped setting of this kind must not be lost silently.`,
      });
    else
      this.#problems.addAt("KEY_UNKNOWN", place, `the key ${key} has no meaning here`, {
        severity: "warning",
        ...hinted(key, known.keys()),
      });
    return key;
  }
}

const isUnderNodes = ({ path }: MapTree): boolean => path.startsWith("nodes.");

/** The schema with what it refers to. */
function expand(schema: Schema): readonly Schema[] {
  const target = schema.$ref === undefined ? [] : [definition(schema.$ref)];
  const parts = [...target, ...(schema.allOf ?? [])].flatMap(expand);
  return schema.if === undefined ? [schema, ...parts] : [schema];
}

const definition = (ref: string): Schema => ROOT.$defs[ref.replace("#/$defs/", "")] as Schema;

/** Conditional parts are added when their constant is what the map holds, in whatever case its key is written. */
function withKinds(tree: MapTree, schemas: readonly Schema[]): readonly Schema[] {
  return schemas.flatMap((schema) => {
    if (schema.if === undefined || schema.then === undefined) return [schema];
    const matches = Object.entries(schema.if.properties).every(([key, { const: wanted }]) =>
      [...tree.entries.values()].some(
        (entry) => entry.key.toLowerCase() === key && textOf(entry.value)?.value === wanted,
      ),
    );
    return matches ? withKinds(tree, expand(schema.then)) : [];
  });
}

/** True when at most `budget` insertions, deletions, replacements or swaps of neighbours make the words equal. */
export function isNear(left: string, right: string, budget: number): boolean {
  if (left === "" || right === "") return left.length + right.length <= budget;
  if (left[0] === right[0]) return isNear(left.slice(1), right.slice(1), budget);
  if (budget === 0 || Math.abs(left.length - right.length) > budget) return false;
  const isSwap = left[0] === right[1] && left[1] === right[0];
  return (
    isNear(left.slice(1), right.slice(1), budget - 1) ||
    isNear(left.slice(1), right, budget - 1) ||
    isNear(left, right.slice(1), budget - 1) ||
    (isSwap && isNear(left.slice(2), right.slice(2), budget - 1))
  );
}
