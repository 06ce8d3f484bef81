import { requote } from "./literal-quotes.ts";
import { patternSpans } from "./pattern-spans.ts";
import type { Parameter, Parameters, ParameterType } from "./parameters.ts";
import type { Problems } from "./problem.ts";
import { suggested } from "./suggested.ts";
import {
  childPath,
  type Entry,
  type Insertion,
  type ListTree,
  type MapTree,
  type Scalar,
  type ScalarTree,
  type TextTree,
  type Tree,
} from "./tree.ts";

const REFERENCE = /\{ *([A-Za-z0-9_]+) *(?:\| *(string|number|bool|stringlist) *)?\}/g;
const BUILT_IN = new Set(["batch_idx", "run_id"]);

/**
 * Puts parameter values into every key and value (spec/script.md 1.3). It works on parsed scalars, not on text: a value
 * is never taken for script text, and every place stays the author's. Unresolved references are reported and left.
 */
export const substitute = (tree: Tree, parameters: Parameters, problems: Problems): Tree =>
  new Substitution(parameters, problems).tree(tree, tree.path);

/** Names of all parameters that a script as it is written refers to. */
export function referencedParameters(tree: Tree): ReadonlySet<string> {
  const names = new Set<string>();
  const take = (text: string): void => {
    for (const [, name = ""] of text.matchAll(REFERENCE)) names.add(name);
  };
  const walk = (each: Tree): void => {
    if (each.kind === "list") each.items.forEach(walk);
    else if (each.kind === "scalar") take(String(each.value));
    else
      for (const { key, value } of each.entries.values()) {
        take(key);
        walk(value);
      }
  };
  walk(tree);
  return names;
}

class Substitution {
  readonly #parameters: Parameters;
  readonly #problems: Problems;

  constructor(parameters: Parameters, problems: Problems) {
    this.#parameters = parameters;
    this.#problems = problems;
  }

  tree(tree: Tree, path: string): Tree {
    if (tree.kind === "map") return this.#map(tree, path);
    if (tree.kind === "list") return this.#list(tree, path);
    return typeof tree.value === "string" && tree.value.includes("{")
      ? this.#scalar({ ...tree, path } as TextTree)
      : { ...tree, path };
  }

  #list(tree: ListTree, path: string): Tree {
    const items = tree.items.map((item, at) => this.tree(item, `${path}[${at}]`));
    return { ...tree, path, items };
  }

  #map(tree: MapTree, path: string): Tree {
    const entries = new Map<string, Entry>();
    for (const { key: written, keyOffset, value } of tree.entries.values()) {
      const key = written.includes("{") ? this.#key(written, keyOffset, path) : written;
      const inner = childPath(path, key);
      if (entries.delete(key))
        this.#problems.addAt(
          "KEY_DUPLICATE",
          { offset: keyOffset, path: inner },
          `with its parameters put in, the key ${key} occurs twice`,
          { severity: "warning" },
        );
      entries.set(key, { key, keyOffset, value: this.tree(value, inner) });
    }
    return { ...tree, path, entries };
  }

  #key(written: string, keyOffset: number, path: string): string {
    const tree = {
      kind: "scalar",
      value: written,
      style: "double",
      offset: keyOffset,
      path,
    } as const;
    return this.#text(tree).text;
  }

  #scalar(tree: TextTree): Tree {
    const whole = wholeReference(tree);
    if (whole !== undefined) return this.#whole(tree, whole);
    const { text: raw, insertions } = this.#text(tree);
    const text = isExpression(tree.path) ? requote(tree.value, raw, insertions) : raw;
    if (insertions.length === 0) return { ...tree, value: text };
    const value = tree.style === "plain" ? plainScalar(text) : text;
    return { ...tree, value, insertions };
  }

  /** `"{name|number}"`: the value replaces quotes and all. */
  #whole(tree: ScalarTree, { name, type }: Reference): Tree {
    const parameter = asked(this.#parameters.get(name), type);
    if (parameter === undefined || parameter.type !== type) {
      this.#unresolved(tree, { name, type, at: 0 });
      return tree;
    }
    if (parameter.type !== "stringlist")
      return { ...tree, value: scalarOf(parameter), style: "block" };
    const { offset, path } = tree;
    const items = parameter.value.map((value, at): ScalarTree => {
      return { kind: "scalar", style: "block", value, offset, path: `${path}[${at}]` };
    });
    return { kind: "list", items, offset, path };
  }

  #text(tree: TextTree): { readonly text: string; readonly insertions: readonly Insertion[] } {
    const insertions: Insertion[] = [];
    const patterns = patternSpans(tree.value);
    let text = "";
    let copied = 0;
    for (const match of tree.value.matchAll(REFERENCE)) {
      const at = match.index;
      const inPattern = patterns.some(({ from, to }) => at >= from && at < to);
      const value = this.#valueOf(tree, referenceOf(match, at), inPattern);
      if (value === undefined) continue;
      text += tree.value.slice(copied, at);
      copied = at + match[0].length;
      insertions.push({ start: text.length, length: value.length, sourceLength: match[0].length });
      text += value;
    }
    return { text: text + tree.value.slice(copied), insertions };
  }

  /** Undefined leaves the reference as it is. */
  #valueOf(tree: TextTree, reference: Reference, inPattern: boolean): string | undefined {
    const { name, type } = reference;
    if (type !== "string") return this.#badNeighbours(tree, reference);
    const parameter = this.#parameters.get(name);
    if (parameter?.type === "string") return parameter.value;
    if (parameter === undefined && BUILT_IN.has(name)) return this.#builtIn(tree, reference);
    if (parameter !== undefined || !inPattern) this.#unresolved(tree, reference);
    return undefined;
  }

  #builtIn(tree: TextTree, { name, at }: Reference): string | undefined {
    if (/(?:^|\.)url_template$/i.test(tree.path)) return `{${name}|string}`;
    const isText = name === "batch_idx";
    this.#problems.add(
      isText ? "PARAMETER_REFERENCE" : "PARAMETER_UNRESOLVED",
      tree,
      `{${name}} has a value only in url_template${isText ? "; here it stays as text" : ""}`,
      { at, severity: isText ? "warning" : "error", hint: "Remove it here." },
    );
    return undefined;
  }

  #badNeighbours(tree: TextTree, { name, type, at }: Reference): undefined {
    const message = `{${name}|${type}} must be the whole value, between double quotes`;
    this.#problems.add("PARAMETER_REFERENCE", tree, message, {
      at,
      hint: `Write "{${name}|${type}}", or {${name}} for a string inside a text.`,
    });
    return undefined;
  }

  #unresolved(tree: Tree, { name, type, at }: Reference): void {
    const parameter = this.#parameters.get(name);
    const why =
      parameter === undefined
        ? `the parameter ${name} has no value`
        : `the parameter ${name} is a ${parameter.type}, but ${type} is asked for here`;
    const hint =
      parameter === undefined
        ? suggested(name, [...this.#parameters.keys()])
        : `Give a ${type}, or write "{${name}|${parameter.type}}" as the whole value.`;
    const details = hint === undefined ? { at } : { at, hint };
    this.#problems.add("PARAMETER_UNRESOLVED", tree, `${why}: {${name}|${type}}`, details);
  }
}

/** Python expressions have quotes of their own. */
const isExpression = (path: string): boolean =>
  /\.(?:expression|having|filter)$|\.tag_criteria\./.test(path) &&
  !path.includes(".calculated_fields.");

interface Reference {
  readonly name: string;
  readonly type: ParameterType;
  readonly at: number;
}

function referenceOf(match: RegExpMatchArray, at: number): Reference {
  const [, name = "", type = "string"] = match;
  return { name, type: type as ParameterType, at };
}

/** A typed reference that fills a double-quoted scalar. */
function wholeReference({ value, style }: TextTree): Reference | undefined {
  if (style !== "double") return undefined;
  const match = new RegExp(`^${REFERENCE.source}$`).exec(value);
  const reference = match === null ? undefined : referenceOf(match, 0);
  return reference === undefined || reference.type === "string" ? undefined : reference;
}

/** An untyped text as what the script asks for, where it is one. */
function asked(parameter: Parameter | undefined, type: ParameterType): Parameter | undefined {
  if (parameter?.type !== "string" || parameter.isUntyped !== true) return parameter;
  const value = plainScalar(parameter.value);
  if (type === "number" && typeof value === "number") return { type, value };
  if (type === "bool" && typeof value === "boolean") return { type, value };
  return parameter;
}

function scalarOf(parameter: Exclude<Parameter, { type: "stringlist" }>): Scalar {
  if (parameter.type !== "number" || Number.isInteger(parameter.value)) return parameter.value;
  return Number(parameter.value.toFixed(6));
}

const PLAIN_WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ["", null],
  ["~", null],
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);
const PLAIN_NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** An unquoted scalar takes its type after the values are in, as in the reference. */
function plainScalar(text: string): Scalar {
  const word = PLAIN_WORDS.get(text);
  if (word !== undefined) return word;
  return PLAIN_NUMBER.test(text) ? Number(text) : text;
}
