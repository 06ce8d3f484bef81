import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { checkRequired, type Scope } from "./expressions.ts";
import type { Problems } from "./problem.ts";
import type { TagCriterion, TagProcessor } from "./node-processor.ts";
import { childOf, entriesOf, stringChild, textChild, textOf, type Tree } from "./tree.ts";
import { checkUrl } from "./urls.ts";

/** `p` of a tag_and_denormalize node (spec/script.md 9.2); criteria of another file are added by completeScript. */
export function tagProcessor(
  { problems, dialect }: Checking,
  node: NodeDraft,
  settings: Tree,
  source: Fields | undefined,
): TagProcessor {
  const label = `node ${node.name}`;
  const key = dialect === "latest" ? "tag_criteria_url" : "tag_criteria_uri";
  const url = textChild(settings, key);
  const inline = childOf(settings, "tag_criteria", "map");
  const hasUrl = url !== undefined && url.value !== "";
  const hasCriteria = entriesOf(inline).length > 0;
  if (hasUrl && hasCriteria)
    problems.add(
      "PROCESSOR",
      settings,
      `${label}: only one of tag_criteria and ${key} must be given`,
    );
  if (!hasUrl && !hasCriteria)
    problems.add("PROCESSOR", settings, `${label}: one of tag_criteria and ${key} must be given`, {
      // 1.1.6 takes it for a node without criteria, which writes no rows.
      severity: dialect === "latest" ? "error" : "warning",
    });
  if (hasUrl) checkUrl(problems, url, "input", label);
  return {
    type: "tag_and_denormalize",
    tagField: stringChild(settings, "tag_field_name"),
    criteria: inline === undefined ? [] : tagCriteria(problems, inline, source, label),
    criteriaUrl: url?.value ?? "",
  };
}

/** A map from tag to condition, in the order of the file. */
export function tagCriteria(
  problems: Problems,
  map: Tree,
  source: Fields | undefined,
  label: string,
): readonly TagCriterion[] {
  const scope: Scope = new Map([["r", source]]);
  return entriesOf(map).flatMap(({ key: tag, value }) => {
    const text = textOf(value);
    if (text === undefined) return [];
    checkRequired(problems, text, {
      place: "condition",
      scope,
      declared: "bool",
      label: `${label}, tag ${tag}`,
    });
    return [{ tag, expression: text.value }];
  });
}
