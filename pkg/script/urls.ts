import type { Problems } from "./problem.ts";
import { shownText } from "./shown.ts";
import type { TextTree } from "./tree.ts";

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
/** Schemes of the format that this build does not open yet. */
const LATER = {
  input: new Set(["http", "https", "s3", "sftp"]),
  output: new Set(["s3", "sftp"]),
} as const;

/** Plain paths only; what the format knows but this build does not open is NOT_AVAILABLE (spec/script.md 12). */
export function checkUrl(
  problems: Problems,
  tree: TextTree,
  direction: keyof typeof LATER,
  label: string,
): void {
  const scheme = SCHEME.exec(tree.value)?.[1]?.toLowerCase();
  if (scheme === undefined) return;
  const shown = `${label}: ${shownText(tree.value)}`;
  if (LATER[direction].has(scheme))
    problems.add("NOT_AVAILABLE", tree, `${shown}: ${scheme}:// is not available in this build`, {
      hint: "Use a plain path.",
    });
  else problems.add("URL", tree, `${shown}: ${scheme}:// is not a possible ${direction}`);
}
