import { Fault } from "#pkg/fault";
import { ownerOfTable } from "./graph.ts";
import { formatProblems, Problems, type Problem } from "./problem.ts";
import { readJsonText } from "./read-document.ts";
import type { CustomNode, Script, ScriptNode, TagProcessor } from "./script.ts";
import { shownText } from "./shown.ts";
import { sourceText } from "./source-text.ts";
import { tagCriteria } from "./tag-processor.ts";
import { textOf, type Tree } from "./tree.ts";

export interface CompleteScript {
  readonly script: Script;
  readonly warnings: readonly Problem[];
}

/** Files beside the script that its processors are made of, each once. */
export const processorFiles = (script: Script): readonly string[] => [
  ...new Set(
    script.nodes.flatMap((node) =>
      node.kind === "table_custom_tfm_table" && node.processor.criteriaUrl !== ""
        ? [node.processor.criteriaUrl]
        : [],
    ),
  ),
];

/**
 * The script with everything in it that its processors take from other files, so that freezing the script freezes them too
 * (P6). `texts` has every one of processorFiles. Throws SCRIPT_INVALID with the problems of all files.
 */
export function completeScript(script: Script, texts: ReadonlyMap<string, string>): CompleteScript {
  const found: Problem[] = [];
  const nodes = script.nodes.map((node): ScriptNode => {
    if (node.kind !== "table_custom_tfm_table" || node.processor.criteriaUrl === "") return node;
    const { processor, problems } = withCriteria(script, node, texts);
    found.push(...problems);
    return { ...node, processor };
  });
  if (found.some(({ severity }) => severity === "error"))
    throw new Fault(
      "SCRIPT_INVALID",
      `files of the script are not valid\n${formatProblems(found)}`,
      {
        facts: { problems: found },
      },
    );
  return { script: { ...script, nodes }, warnings: found };
}

function withCriteria(
  script: Script,
  { name, reader, processor }: CustomNode,
  texts: ReadonlyMap<string, string>,
): { readonly processor: TagProcessor; readonly problems: readonly Problem[] } {
  const source = sourceText(processor.criteriaUrl, texts.get(processor.criteriaUrl) as string);
  const problems = new Problems(source);
  const label = `node ${name}`;
  const tree = readJsonText(source, problems);
  checkCriteriaShape(tree, problems, label);
  const fields = ownerOfTable(script, reader.table).writer.fields;
  const types = new Map(fields.map((field) => [field.name, field.type]));
  const criteria = tree === undefined ? [] : tagCriteria(problems, tree, types, label);
  return { processor: { ...processor, criteria }, problems: problems.list() };
}

function checkCriteriaShape(tree: Tree | undefined, problems: Problems, label: string): void {
  if (tree === undefined) return;
  if (tree.kind !== "map") {
    problems.add("SHAPE", tree, `${label}: the criteria file must hold a map of tags`);
    return;
  }
  for (const { key, value } of tree.entries.values())
    if (textOf(value) === undefined)
      problems.add("SHAPE", value, `${label}: the criterion of ${shownText(key)} must be a string`);
}
