import { schemeOf, shownUrl } from "#pkg/fault";

/** File name without folders and extension; what runs in different keyspaces are compared by. */
export const scriptName = (url: string): string =>
  url.slice(url.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");

/** Where a script lies, as far as that can be told without looking; `folder` is where a path begins that is not absolute. */
export const scriptPlace = ({
  scriptUrl,
  folder = "",
}: {
  readonly scriptUrl: string;
  readonly folder?: string;
}): string =>
  folder === "" || scriptUrl.startsWith("/") || schemeOf(scriptUrl) !== ""
    ? shownUrl(scriptUrl)
    : `${folder.replace(/\/$/, "")}/${scriptUrl.replace(/^(\.\/)+/, "")}`;

/** What tells runs of one script from runs of another one whose file has the same name. */
export interface ScriptTraits {
  /** As scriptPlace tells it; absent where it is not known. */
  readonly scriptUrl?: string | undefined;
  /** Names of the nodes that were affected. */
  readonly nodes: readonly string[];
}

/** The same place, or, for a copy in another one, more than half of the nodes that either of them names. */
export function isSameScript(one: ScriptTraits, other: ScriptTraits): boolean {
  if (one.scriptUrl !== undefined && one.scriptUrl === other.scriptUrl) return true;
  const names = new Set([...one.nodes, ...other.nodes]);
  const known = new Set(other.nodes);
  return one.nodes.filter((name) => known.has(name)).length * 2 > names.size;
}
