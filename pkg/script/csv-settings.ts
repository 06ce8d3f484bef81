import { shownText } from "./shown.ts";
import type { Problems } from "./problem.ts";
import { childOf, textChild, type Tree } from "./tree.ts";

/** Where the CSV settings of a reader, writer or column stand: in a csv object, or beside the others in 1.1.6. */
export const csvSettings = (tree: Tree | undefined): Tree | undefined =>
  childOf(tree, "csv", "map") ?? tree;

/** Only its first byte counts when reading (spec/script.md 3.1). */
export function readSeparator(
  problems: Problems,
  settings: Tree | undefined,
  label: string,
): string {
  const tree = textChild(settings, "separator");
  if (tree === undefined || tree.value === "") return ",";
  const [first = ""] = tree.value;
  if (first > "\u007f" || '"\r\n'.includes(first))
    problems.add("SHAPE", tree, `${label}: the separator ${shownText(first)} cannot be used`, {
      hint: "Use one ASCII character other than a quote or a line end.",
    });
  else if (tree.value.length > 1)
    problems.add("SHAPE", tree, `${label}: only ${shownText(first)} of the separator counts`, {
      severity: "warning",
      hint: "Write one character.",
    });
  return first;
}
