import type { KnownSetting } from "./known-settings.ts";
import { KNOWN_SETTINGS } from "./schema.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Override {
  readonly setting: KnownSetting;
  readonly variable: string;
  readonly value: unknown;
}

/** Settings that the environment gives; an empty variable gives none. A text of the wrong kind stays a text and is found by the schema. */
export function overridesOf(environment: Environment): readonly Override[] {
  return KNOWN_SETTINGS.flatMap((setting) => {
    const text = setting.env === undefined ? undefined : environment[setting.env];
    if (setting.env === undefined || text === undefined || text === "") return [];
    return [{ setting, variable: setting.env, value: valueOf(setting, text) }];
  });
}

function valueOf({ kind }: KnownSetting, text: string): unknown {
  switch (kind) {
    case "text":
      return text;
    case "whole":
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case "flag":
      return FLAGS[text.toLowerCase()] ?? text;
    case "texts":
      return text.split(",").map((item) => item.trim());
    case "map":
      return mapOf(text);
    default:
      return kind satisfies never;
  }
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  "1": true,
  "0": false,
};

function mapOf(text: string): unknown {
  const pairs = text.split(",").map((pair) => /^([^:]+):(.+)$/.exec(pair.trim()));
  if (pairs.some((pair) => pair === null)) return text;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
