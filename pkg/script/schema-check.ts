import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { ProblemCode } from "./problem-codes.ts";
import type { Problems } from "./problem.ts";
import schema from "./schema.json" with { type: "json" };
import { hinted } from "./suggested.ts";
import { shownList, shownText } from "./shown.ts";
import { child, itemsOf, plainValue, type Tree } from "./tree.ts";

let compiled: ValidateFunction | undefined;

/** Compiling takes some ten milliseconds, so it waits for the first script. */
const validator = (): ValidateFunction =>
  (compiled ??= new Ajv2020({ allErrors: true, strict: false, verbose: true }).compile(schema));

/** Reports everything in which the script departs from the JSON Schema, at the place of the value. */
export function checkShape(tree: Tree, problems: Problems): void {
  const validate = validator();
  if (validate(plainValue(tree))) return;
  for (const error of validate.errors ?? []) {
    const found = describe(error);
    if (found === undefined) continue;
    const at = treeAt(tree, error.instancePath);
    problems.add(found.code, at, `${nameOf(at)} ${found.message}`, { ...hintFor(error) });
  }
}

/** A word that is none of the allowed ones is often a mistyped one. */
function hintFor({ keyword, params, data }: ErrorObject): { readonly hint?: string } {
  const allowed = (params as Readonly<Record<string, unknown>>)["allowedValues"];
  return keyword === "enum" && typeof data === "string" ? hinted(data, allowed as string[]) : {};
}

interface Found {
  readonly code: ProblemCode;
  readonly message: string;
}

type Describe = (params: Readonly<Record<string, unknown>>, value: unknown) => Found;

const shape = (message: string): Found => ({ code: "SHAPE", message });
const limit = (message: string): Found => ({ code: "LIMIT", message });
const NOUNS: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a map",
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
};

const KEYWORDS: Readonly<Record<string, Describe>> = {
  type: ({ type }, value) => shape(`must be ${NOUNS[String(type)]}, not ${shownValue(value)}`),
  required: ({ missingProperty }) => shape(`needs the key ${String(missingProperty)}`),
  enum: ({ allowedValues }, value) => enumFault(allowedValues as readonly string[], value),
  minimum: ({ limit: least }, value) =>
    limit(`must be at least ${String(least)}, not ${shownValue(value)}`),
  maximum: ({ limit: most }, value) =>
    limit(`must be at most ${String(most)}, not ${shownValue(value)}`),
  minLength: () => shape("must not be empty"),
  minItems: () => shape("must have at least one item"),
  minProperties: () => shape("must say what to check"),
  pattern: (_params, value) => shape(`must be a time like 90m, 4h or 2d, not ${shownValue(value)}`),
  additionalProperties: ({ additionalProperty }) =>
    shape(`has no key ${String(additionalProperty)}`),
};

function describe({ keyword, params, data }: ErrorObject): Found | undefined {
  return KEYWORDS[keyword]?.(params as Record<string, unknown>, data);
}

function enumFault(allowed: readonly string[], value: unknown): Found {
  const code = allowed.includes("decimal2") ? "TYPE_UNKNOWN" : "SHAPE";
  const words = allowed.filter((word) => word !== "");
  return { code, message: `must be ${shownList(words)}, not ${shownValue(value)}` };
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "string" ? shownText(value) : String(value);
}

const nameOf = ({ path }: Tree): string => (path === "" ? "the script" : path);

/** Follows a JSON pointer; ajv names only places that exist. */
function treeAt(root: Tree, pointer: string): Tree {
  let tree = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    tree = (tree.kind === "list" ? itemsOf(tree)[Number(key)] : child(tree, key)) ?? tree;
  }
  return tree;
}
