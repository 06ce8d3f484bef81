import { CLUSTER } from "./cluster-settings.ts";
import type { KnownSetting, ProgramName } from "./known-settings.ts";
import { WORKER } from "./worker-settings.ts";

/** Every setting of every program: the reference's of both generations (spec/workflow.md 7), and ours beside them. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = [...CLUSTER, ...WORKER];

/** The part of JSON Schema that settings need. */
export interface Schema {
  type?: string;
  description?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  minimum?: number;
  maximum?: number;
  enum?: readonly string[];
}

/** JSON Schema of `<program>.json`; what validates it. */
export function schemaOf(program: ProgramName): Schema {
  const root: Schema = {
    type: "object",
    description: `settings of ${program}`,
    additionalProperties: false,
    properties: { $schema: { type: "string" } },
  };
  for (const setting of KNOWN_SETTINGS) place(root, setting, program);
  return root;
}

function place(root: Schema, setting: KnownSetting, program: ProgramName): void {
  const steps = setting.path.split(".");
  const name = steps.pop() as string;
  let parent = root;
  for (const step of steps) {
    parent.properties ??= {};
    parent.properties[step] ??= { type: "object", additionalProperties: false };
    parent = parent.properties[step];
  }
  parent.properties ??= {};
  parent.properties[name] = { ...shapeOf(setting), description: describe(setting, program) };
}

function shapeOf({ kind, least, most, oneOf }: KnownSetting): Schema {
  switch (kind) {
    case "text":
      return { type: "string", ...(oneOf ? { enum: oneOf } : {}) };
    case "whole":
      return {
        type: "integer",
        ...(least === undefined ? {} : { minimum: least }),
        ...(most === undefined ? {} : { maximum: most }),
      };
    case "flag":
      return { type: "boolean" };
    case "texts":
      return { type: "array", items: { type: "string" } };
    case "map":
      return { type: "object", additionalProperties: true };
    default:
      return kind satisfies never;
  }
}

const describe = ({ about, unused, only }: KnownSetting, program: ProgramName): string => {
  if (unused !== undefined) return `has no effect: ${unused}`;
  return only === undefined || only === program ? about : `for ${only}: ${about}`;
};
