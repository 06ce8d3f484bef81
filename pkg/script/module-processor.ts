import { isFault } from "#pkg/fault";
import type { ProcessorDefinition, ProcessorFields } from "./catalogue.ts";
import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import type { ModuleProcessor } from "./node-processor.ts";
import { rescue } from "./rescue.ts";
import { hinted } from "./suggested.ts";
import { plainValue, treeAt, type Tree } from "./tree.ts";

interface Part {
  readonly node: NodeDraft;
  readonly settings: Tree;
  readonly definition: ProcessorDefinition;
}

/** `p` of a node whose processor is a module: it has a schema and fields of its own. */
export function moduleProcessor(
  checking: Checking,
  { node, settings, definition }: Part,
  source: Fields | undefined,
): { readonly processor: ModuleProcessor; readonly fields: Fields | undefined } {
  const { name, sha256 } = definition;
  const plain = plainValue(settings);
  const base = { type: "module", name, sha256, settings: plain } as const;
  const described = fieldsOf(checking, { node, settings, definition }, plain);
  if (described === undefined)
    return { processor: { ...base, sourceFields: [], outputs: [] }, fields: undefined };
  const { sourceFields, outputs } = described;
  for (const field of sourceFields)
    if (source !== undefined && !source.has(field))
      checking.problems.add(
        "FIELD_UNKNOWN",
        settings,
        `node ${node.name}: the processor ${name} needs the field ${field}, which the source does not have`,
        hinted(field, source.keys()),
      );
  const listed = [...outputs].map(([field, type]) => ({ name: field, type }));
  return { processor: { ...base, sourceFields, outputs: listed }, fields: outputs };
}

function fieldsOf(
  { problems }: Checking,
  { node, settings, definition }: Part,
  plain: unknown,
): ProcessorFields | undefined {
  const departures = definition.check(plain);
  for (const { pointer, message } of departures) {
    const at = treeAt(settings, pointer);
    problems.add("PROCESSOR", at, `node ${node.name}: ${at.path} ${message}`, {
      hint: `See the settings of the processor ${definition.name}.`,
    });
  }
  if (departures.length > 0) return undefined;
  return rescue<ProcessorFields | undefined, Error>(
    () => definition.describe(plain),
    isFault,
    ({ message }) => {
      problems.add("PROCESSOR", settings, `node ${node.name}: ${message}`);
      return undefined;
    },
  );
}
