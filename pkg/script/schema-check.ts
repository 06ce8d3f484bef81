import type { ErrorObject } from "ajv/dist/2020.js";
import type { ProblemCode } from "./problem-codes.ts";
import type { Problems } from "./problem.ts";
import { hinted } from "./suggested.ts";
import { shapeValidator } from "./shape-validator.ts";
import { shownList, shownText } from "./shown.ts";
import { plainValue, treeAt, type Tree } from "./tree.ts";

/** Reports everything in which the script departs from the JSON Schema, at the place of the value. */
export function checkShape(tree: Tree, problems: Problems): void {
  const validate = shapeValidator();
  if (validate(plainValue(tree))) return;
  for (const { keyword, params, instancePath } of validate.errors as readonly ErrorObject[]) {
    const at = treeAt(tree, instancePath);
    const found = KEYWORDS[keyword]?.(params as Params, plainValue(at));
    if (found === undefined) continue;
    const { code, message, ...details } = found;
    problems.add(code, at, `${at.path === "" ? "the script" : at.path} ${message}`, details);
  }
}

interface Found {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string;
}

type Params = Readonly<Record<string, unknown>>;

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

/** Keywords that only repeat what another error says (`if`) are left out. */
const KEYWORDS: Readonly<Record<string, (params: Params, value: unknown) => Found>> = {
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

/** A word that is none of the allowed ones is often a mistyped one. */
function enumFault(allowed: readonly string[], value: unknown): Found {
  const code = allowed.includes("decimal2") ? "TYPE_UNKNOWN" : "SHAPE";
  const words = allowed.filter((word) => word !== "");
  const message = `must be ${shownList(words)}, not ${shownValue(value)}`;
  return { code, message, ...(typeof value === "string" ? hinted(value, words) : {}) };
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "string" ? shownText(value) : String(value);
}
