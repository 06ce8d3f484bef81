import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { pythonProcessor } from "./python-processor.ts";
import type { NodeProcessor } from "./node-processor.ts";
import { tagProcessor } from "./tag-processor.ts";
import { moduleProcessor } from "./module-processor.ts";
import { shownText } from "./shown.ts";
import { suggested } from "./suggested.ts";
import { childOf, textChild, type TextTree, type Tree } from "./tree.ts";

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
const UNKNOWN: ProcessorResult = { processor: NONE, fields: undefined };

/** `custom_proc_type` and `p` (spec/script.md 9). */
export function customProcessor(
  checking: Checking,
  node: NodeDraft,
  source: Fields | undefined,
): ProcessorResult {
  const type = textChild(node.tree, "custom_proc_type");
  const settings = childOf(node.tree, "p", "map");
  const build = BUILDERS.get(type?.value ?? "");
  if (build === undefined)
    return type === undefined ? UNKNOWN : ownProcessor(checking, { node, type }, source);
  return settings === undefined ? UNKNOWN : build(checking, { node, settings }, source);
}

interface OwnPart {
  readonly node: NodeDraft;
  readonly type: TextTree;
}

/** A processor that is not built in. */
function ownProcessor(
  checking: Checking,
  { node, type }: OwnPart,
  source: Fields | undefined,
): ProcessorResult {
  const definition = checking.catalogue.get(type.value);
  if (definition === undefined) {
    refuseType(checking, node, type);
    return UNKNOWN;
  }
  // Without `p`, the schema of the module says what is missing.
  const settings = childOf(node.tree, "p", "map") ?? { ...type, kind: "map", entries: new Map() };
  return moduleProcessor(checking, { node, settings, definition }, source);
}

function refuseType({ problems, catalogue }: Checking, node: NodeDraft, type: TextTree): void {
  const known = [...BUILDERS.keys(), ...catalogue.keys()];
  const hint =
    suggested(type.value, known) ??
    "Name its module with --processor name=file or in the settings file (custom_processors).";
  problems.add(
    "PROCESSOR",
    type,
    `node ${node.name}: there is no processor ${shownText(type.value)}; there are ${known.join(", ")}`,
    { hint },
  );
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
