import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { suggestion } from "#pkg/expression";
import type { Schema } from "./schema.ts";

export interface Departure {
  /** Keys from the root, joined by points; of the unknown key itself. */
  readonly path: string;
  readonly message: string;
}

/** Everything in which the values depart from the schema. */
export function departures(schema: Schema, values: unknown): readonly Departure[] {
  const validate = new Ajv2020({ allErrors: true, verbose: true, messages: false }).compile(schema);
  if (validate(values)) return [];
  return (validate.errors ?? []).map(departure);
}

function departure({ instancePath, keyword, params, data, parentSchema }: ErrorObject): Departure {
  const path = instancePath.split("/").slice(1).join(".");
  const { [keyword]: say } = MESSAGES;
  if (keyword === "additionalProperties") {
    const key = String((params as Record<string, unknown>)["additionalProperty"]);
    const known = Object.keys((parentSchema as Schema).properties ?? {});
    const near = suggestion(key, known);
    const whole = path === "" ? key : `${path}.${key}`;
    const way = near === undefined ? "remove it" : `did you mean ${near}?`;
    return { path: whole, message: `there is no setting ${whole}; ${way}` };
  }
  const text = say?.(params as Readonly<Record<string, unknown>>) ?? "is not valid";
  return { path, message: `${path} ${text}, not ${JSON.stringify(data)}` };
}

const NOUNS: Readonly<Record<string, string>> = {
  array: "a list of texts",
  object: "a map",
  string: "a text",
  integer: "a whole number",
  boolean: "true or false",
};

const MESSAGES: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => string>> = {
  type: ({ type }) => `must be ${NOUNS[String(type)] ?? String(type)}`,
  enum: ({ allowedValues }) =>
    `must be one of ${(allowedValues as readonly string[]).filter((word) => word !== "").join(", ")}`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
};
