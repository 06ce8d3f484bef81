import type { Problems } from "./problem.ts";
import { shownText } from "./shown.ts";
import type { TextTree } from "./tree.ts";

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
/** What can be read and written (spec/script.md 12). */
const SCHEMES = {
  input: new Set(["http", "https", "s3", "sftp"]),
  output: new Set(["s3", "sftp"]),
} as const;

/** Plain paths, or addresses of a scheme that can be used in that direction. */
export function checkUrl(
  problems: Problems,
  tree: TextTree,
  direction: keyof typeof SCHEMES,
  label: string,
): void {
  const scheme = SCHEME.exec(tree.value)?.[1]?.toLowerCase();
  if (scheme === undefined || SCHEMES[direction].has(scheme)) return;
  const shown = `${label}: ${shownText(tree.value)}`;
  problems.add("URL", tree, `${shown}: ${scheme}:// is not a possible ${direction}`);
}
