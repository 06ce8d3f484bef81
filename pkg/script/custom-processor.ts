import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { pythonProcessor } from "./python-processor.ts";
import type { NodeProcessor } from "./node-processor.ts";
import { tagProcessor } from "./tag-processor.ts";
import { childOf, textChild, type Tree } from "./tree.ts";

export interface ProcessorResult {
  readonly processor: NodeProcessor;
  /** What `p.` stands for; undefined when the processor is not known. */
  readonly fields: Fields | undefined;
}

/** What a node without a known processor holds; its script is refused. */
const NONE: NodeProcessor = {
  type: "tag_and_denormalize",
  tagField: "",
  criteria: [],
  criteriaUrl: "",
};

/** `custom_proc_type` and `p` (spec/script.md 9). */
export function customProcessor(
  checking: Checking,
  node: NodeDraft,
  source: Fields | undefined,
): ProcessorResult {
  const type = textChild(node.tree, "custom_proc_type");
  const settings = childOf(node.tree, "p", "map");
  const build = BUILDERS.get(type?.value ?? "");
  if (settings === undefined || build === undefined) return { processor: NONE, fields: undefined };
  return build(checking, { node, settings }, source);
}

interface Part {
  readonly node: NodeDraft;
  readonly settings: Tree;
}

type Build = (checking: Checking, part: Part, source: Fields | undefined) => ProcessorResult;

const BUILDERS: ReadonlyMap<string, Build> = new Map<string, Build>([
  [
    "tag_and_denormalize",
    (checking, { node, settings }, source) => {
      const processor = tagProcessor(checking, node, settings, source);
      return { processor, fields: new Map([[processor.tagField, "string"]]) };
    },
  ],
  [
    "py_calc",
    (checking, { node, settings }, source) => pythonProcessor(checking, node, settings, source),
  ],
]);
