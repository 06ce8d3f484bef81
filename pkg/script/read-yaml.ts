import type { Alias, Document, Node, Pair, Scalar as YamlScalar, YAMLMap } from "yaml";
import { maskReferences, type Mask } from "./mask-references.ts";
import {
  childPath,
  type Entry,
  type MapTree,
  type Scalar,
  type ScalarStyle,
  type Tree,
} from "./tree.ts";
import { yaml } from "./yaml-library.ts";
import { tooDeepAt } from "./yaml-nesting.ts";

export interface YamlResult {
  readonly tree: Tree;
  /** Plain dates, which become instants as in the reference. */
  readonly dates: readonly Tree[];
}

/** Thrown inside the reader only. */
export class YamlSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** These keep self-referring and exploding aliases from exhausting the memory. */
const MAX_DEPTH = 200;
const MAX_ALIASED_NODES = 100_000;
const PLAIN_DATE = /^\d{4}-\d\d-\d\d$/;
const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
};

/** Where the message of the library speaks to programmers. */
const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document begins here, but a file holds one",
};

/** YAML 1.2, one document, string keys only, anchors and merge keys resolved. Throws YamlSyntaxError. */
export function readYaml(text: string): YamlResult {
  const mask = maskReferences(text);
  const deep = tooDeepAt(mask.text, MAX_DEPTH);
  if (deep !== undefined)
    throw new YamlSyntaxError(`not valid YAML: more than ${MAX_DEPTH} levels of nesting`, deep);
  const document = yaml().parseDocument(mask.text, { prettyErrors: false, version: "1.2" });
  const error = document.errors[0];
  if (error !== undefined)
    throw new YamlSyntaxError(
      `not valid YAML: ${MESSAGES[error.code] ?? error.message}`,
      error.pos[0],
    );
  const reader = new YamlReader(document, mask);
  return { tree: reader.read(document.contents, "", 0), dates: reader.dates };
}

class YamlReader {
  readonly dates: Tree[] = [];
  readonly #yaml = yaml();
  readonly #document: Document;
  readonly #mask: Mask;
  #aliasDepth = 0;
  #aliasedNodes = 0;

  constructor(document: Document, mask: Mask) {
    this.#document = document;
    this.#mask = mask;
  }

  read(node: unknown, path: string, depth: number): Tree {
    const offset = offsetOf(node);
    if (this.#aliasDepth > 0) this.#aliasedNodes += 1;
    if (depth > MAX_DEPTH || this.#aliasedNodes > MAX_ALIASED_NODES)
      throw new YamlSyntaxError("not valid here: too deeply nested, or too many aliases", offset);
    if (this.#yaml.isAlias(node)) return this.#alias(node, path, depth);
    if (this.#yaml.isMap(node)) return this.#map(node, path, depth);
    if (this.#yaml.isSeq(node)) {
      const items = node.items.map((item, at) => this.read(item, `${path}[${at}]`, depth + 1));
      return { kind: "list", items, offset, path };
    }
    if (this.#yaml.isScalar(node)) return this.#scalar(node, path);
    return { kind: "scalar", value: null, style: "plain", offset, path };
  }

  #alias(node: Alias, path: string, depth: number): Tree {
    this.#aliasDepth += 1;
    const target = node.resolve(this.#document);
    if (target === undefined)
      throw new YamlSyntaxError(
        `not valid here: there is no anchor ${node.source}`,
        offsetOf(node),
      );
    const tree = this.read(target, path, depth + 1);
    this.#aliasDepth -= 1;
    return tree;
  }

  #scalar(node: YamlScalar, path: string): Tree {
    const style = STYLES[String(node.type)] ?? "block";
    const base = { kind: "scalar", style, offset: offsetOf(node), path } as const;
    if (typeof node.value !== "string") return { ...base, value: node.value as Scalar };
    if (style !== "plain" || !PLAIN_DATE.test(node.value))
      return { ...base, value: this.#mask.restore(node.value) };
    const tree: Tree = { ...base, value: `${node.value}T00:00:00Z` };
    this.dates.push(tree);
    return tree;
  }

  #map(node: YAMLMap, path: string, depth: number): MapTree {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const pair of node.items) {
      const key = this.#key(pair);
      const value = this.read(pair.value, childPath(path, key), depth + 1);
      if (key === "<<") merged.push(...(value.kind === "list" ? value.items : [value]));
      else entries.set(key, { key, keyOffset: offsetOf(pair.key), value });
    }
    for (const { key, ...rest } of merged.flatMap(mapEntries))
      if (!entries.has(key)) entries.set(key, { key, ...rest });
    return { kind: "map", entries, offset: offsetOf(node), path };
  }

  #key({ key }: Pair): string {
    const scalar = this.#yaml.isAlias(key) ? key.resolve(this.#document) : key;
    if (this.#yaml.isScalar(scalar) && typeof scalar.value === "string")
      return this.#mask.restore(scalar.value);
    const text = this.#yaml.isScalar(scalar) ? String(scalar.value) : "a map or list";
    throw new YamlSyntaxError(
      `not valid here: the key ${text} is not a string; quote it`,
      offsetOf(key),
    );
  }
}

const mapEntries = (tree: Tree): readonly Entry[] =>
  tree.kind === "map" ? [...tree.entries.values()] : [];

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;
