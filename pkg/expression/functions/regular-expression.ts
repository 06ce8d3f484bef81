import { createRequire } from "node:module";
import type * as Re2 from "re2js";
import { asFault } from "#pkg/fault";
import { rowFault, shown } from "../expression-fault.ts";

let library: typeof Re2 | undefined;

/** Loaded with the first pattern: it is large, and most processes and threads never see one. */
const re2 = (): typeof Re2 => (library ??= createRequire(import.meta.url)("re2js") as typeof Re2);

type Matcher = (text: string) => boolean;

/** Patterns may come from data, so the cache is emptied before it grows without bound. */
const MAX_CACHED = 1000;
const cache = new Map<string, Matcher>();

/** Whether a pattern in Go's syntax matches anywhere in a text, in linear time. Throws E-regex for a bad pattern. */
export function matcherOf(pattern: string, offset: number): Matcher {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const matcher = compile(pattern, offset);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(pattern, matcher);
  return matcher;
}

function compile(pattern: string, offset: number): Matcher {
  try {
    const compiled = re2().RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    const message = `${shown(pattern)} is not a regular expression: ${asFault(error).message}`;
    throw rowFault("E-regex", message, offset);
  }
}
