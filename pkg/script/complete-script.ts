import { Fault } from "#pkg/fault";
import { ownerOfTable } from "./graph.ts";
import { formatProblems, Problems, type Problem } from "./problem.ts";
import { checkCalls } from "./python-calls.ts";
import { readJsonText } from "./read-document.ts";
import type { NodeProcessor, PythonProcessor, TagProcessor } from "./node-processor.ts";
import type { CustomNode, Script, ScriptNode } from "./script.ts";
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
      node.kind === "table_custom_tfm_table" ? filesOf(node.processor) : [],
    ),
  ),
];

function filesOf(processor: NodeProcessor): readonly string[] {
  if (processor.type === "py_calc") return processor.code.map(({ url }) => url);
  return processor.type === "module" || processor.criteriaUrl === "" ? [] : [processor.criteriaUrl];
}

interface Completed {
  readonly processor: NodeProcessor;
  readonly problems: readonly Problem[];
}

/**
 * The script with everything in it that its processors take from other files, so that freezing the script freezes them too
 * (P6). `texts` has every one of processorFiles. Throws SCRIPT_INVALID with the problems of all files.
 */
export function completeScript(script: Script, texts: ReadonlyMap<string, string>): CompleteScript {
  const found: Problem[] = [];
  const textAt = (url: string): string => texts.get(url) as string;
  const nodes = script.nodes.map((node): ScriptNode => {
    if (node.kind !== "table_custom_tfm_table") return node;
    const { processor, problems } = completed(script, node, textAt);
    found.push(...problems);
    return { ...node, processor };
  });
  if (found.some(({ severity }) => severity === "error"))
    throw new Fault("SCRIPT_INVALID", `the script is not valid\n${formatProblems(found)}`, {
      facts: { problems: found },
    });
  return { script: { ...script, nodes }, warnings: found };
}

function completed(script: Script, node: CustomNode, textAt: (url: string) => string): Completed {
  const { processor } = node;
  if (processor.type === "py_calc") return withCode(node.name, processor, textAt);
  return processor.type === "module" || processor.criteriaUrl === ""
    ? { processor, problems: [] }
    : withCriteria(script, node, processor, textAt(processor.criteriaUrl));
}

function withCode(
  node: string,
  written: PythonProcessor,
  textAt: (url: string) => string,
): Completed {
  const code = written.code.map(({ url }) => ({ url, text: textAt(url) }));
  const processor = { ...written, code };
  return { processor, problems: checkCalls(node, processor) };
}

function withCriteria(
  script: Script,
  { name, reader }: CustomNode,
  processor: TagProcessor,
  text: string,
): Completed {
  const source = sourceText(processor.criteriaUrl, text);
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
