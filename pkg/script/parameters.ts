import { readDocument } from "./read-document.ts";
import type { Problems } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import { itemsOf, textOf, type Tree } from "./tree.ts";

export type ParameterType = "string" | "number" | "bool" | "stringlist";

export type Parameter =
  | {
      readonly type: "string";
      readonly value: string;
      /** Given where everything is text (--param), so that it may stand for a number or a truth value as well. */
      readonly isUntyped?: true;
    }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "stringlist"; readonly value: readonly string[] };

export type Parameters = ReadonlyMap<string, Parameter>;

/** The values of one parameters file, a flat map (spec/script.md 1.2). */
export function readParameters(source: SourceText, problems: Problems): Parameters {
  const parameters = new Map<string, Parameter>();
  const tree = readDocument(source, problems);
  if (tree === undefined) return parameters;
  if (tree.kind !== "map") {
    problems.add("PARAMETER", tree, "a parameters file holds one map of names to values");
    return parameters;
  }
  for (const { key, value } of tree.entries.values()) {
    const parameter = parameterOf(value);
    if (typeof parameter !== "string") parameters.set(key, parameter);
    else problems.add("PARAMETER", value, `the parameter ${key} is ${parameter}`);
  }
  return parameters;
}

/** What it is instead, when it is no parameter value. */
function parameterOf(tree: Tree): Parameter | string {
  if (tree.kind === "map") return "a map";
  if (tree.kind === "list") return stringListOf(tree);
  const { value } = tree;
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "number") return { type: "number", value };
  if (typeof value === "boolean") return { type: "bool", value };
  return "null";
}

function stringListOf(tree: Tree): Parameter | string {
  const items = itemsOf(tree);
  if (items.length === 0) return "an empty stringlist";
  const texts = items.map((item) => textOf(item)?.value);
  if (texts.includes(undefined)) return "a list with items that are not strings";
  return { type: "stringlist", value: texts as string[] };
}
