import { counted, Fault } from "#pkg/fault";
import type { ProcessorCatalogue } from "./catalogue.ts";
import { collectIndexes, collectNodes, collectTables } from "./collect.ts";
import { dialectOf } from "./dialect.ts";
import type { Checking } from "./drafts.ts";
import { scriptNode } from "./nodes.ts";
import { readParameters, type Parameter, type Parameters } from "./parameters.ts";
import { policiesOf } from "./policies.ts";
import { formatProblems, Problems, type Problem } from "./problem.ts";
import { readTemplate } from "./read-document.ts";
import { checkWhole } from "./resolve.ts";
import { checkShape } from "./schema-check.ts";
import type { Script } from "./script.ts";
import { sourceText, type SourceText } from "./source-text.ts";
import { spellKeys } from "./spell-keys.ts";
import { referencedParameters, substitute } from "./substitute.ts";
import { hinted } from "./suggested.ts";
import type { Tree } from "./tree.ts";

export interface NamedText {
  /** As messages show it; its end, .json or .yaml, decides how it is read. */
  readonly file: string;
  readonly text: string;
}

export interface ReadScript {
  readonly script: Script;
  readonly warnings: readonly Problem[];
}

/**
 * Script text and parameters to a script that can run. `overrides` win over the file. Throws
 * SCRIPT_INVALID, PARAMETERS_INVALID (parameters only) or NOT_AVAILABLE (nothing but features of later builds), each
 * with every problem in facts.problems and listed in the message.
 */
export function readScript(
  source: NamedText,
  parameters?: NamedText,
  overrides: Readonly<Record<string, string>> = {},
  catalogue: ProcessorCatalogue = new Map(),
): ReadScript {
  const values = new Map<string, Parameter>();
  const parameterWarnings = addParameters(values, parameters);
  for (const [name, value] of Object.entries(overrides))
    values.set(name, { type: "string", value, isUntyped: true });
  const text = sourceText(source.file, source.text);
  const problems = new Problems(text);
  const tree = parse(text, { values, overrides: Object.keys(overrides) }, problems);
  const script = scriptOf(tree, problems, { text, catalogue });
  refuse("SCRIPT_INVALID", problems, `the script ${source.file} is not valid`);
  return { script, warnings: [...parameterWarnings, ...problems.list()] };
}

function addParameters(
  values: Map<string, Parameter>,
  file: NamedText | undefined,
): readonly Problem[] {
  if (file === undefined) return [];
  const text = sourceText(file.file, file.text);
  const problems = new Problems(text);
  for (const [name, value] of readParameters(text, problems)) values.set(name, value);
  refuse("PARAMETERS_INVALID", problems, `the parameters file ${file.file} is not valid`);
  return problems.list();
}

interface GivenParameters {
  readonly values: Parameters;
  /** Names of those that were given for this script alone; a file may serve several scripts. */
  readonly overrides: readonly string[];
}

function parse(
  source: SourceText,
  { values, overrides }: GivenParameters,
  problems: Problems,
): Tree {
  const written = readTemplate(source, problems);
  refuse("SCRIPT_INVALID", problems, `the script ${source.file} cannot be read`);
  const tree = substitute(written as Tree, values, problems);
  const used = overrides.length === 0 ? new Set<string>() : referencedParameters(written as Tree);
  for (const name of overrides)
    if (!used.has(name))
      problems.addAt(
        "PARAMETER_UNUSED",
        { offset: 0, path: "" },
        `the script has no place for the parameter ${name}`,
        { severity: "warning", ...hinted(name, used) },
      );
  refuse("PARAMETERS_INVALID", problems, `parameters of ${source.file} are missing or do not fit`);
  return tree;
}

interface Given {
  readonly text: SourceText;
  readonly catalogue: ProcessorCatalogue;
}

function scriptOf(written: Tree, problems: Problems, { text, catalogue }: Given): Script {
  const tree = spellKeys(written, problems);
  checkShape(tree, problems);
  const dialect = dialectOf(tree, problems);
  const policies = policiesOf(tree, dialect, problems);
  const nodes = collectNodes(tree, problems);
  const tables = collectTables(nodes, problems);
  const checking: Checking = {
    problems,
    placeOf: (offset) => ({ file: text.file, ...text.position(offset) }),
    dialect,
    nodes,
    tables,
    indexes: collectIndexes(nodes, tables, problems),
    policies: new Set(policies.map(({ name }) => name)),
    defaultPolicy: policies.find(({ isDefault }) => isDefault)?.name ?? "",
    catalogue,
  };
  const built = nodes.flatMap((node) => scriptNode(checking, node) ?? []);
  checkWhole(checking, built);
  return { dialect, nodes: built, policies };
}

function refuse(
  code: "SCRIPT_INVALID" | "PARAMETERS_INVALID",
  problems: Problems,
  summary: string,
): void {
  if (!problems.hasErrors) return;
  const all = problems.list();
  const errors = all.filter(({ severity }) => severity === "error");
  const isLater = errors.every((problem) => problem.code === "NOT_AVAILABLE");
  throw new Fault(
    isLater ? "NOT_AVAILABLE" : code,
    `${summary}: ${counted(errors.length, "error")}\n${formatProblems(all)}`,
    {
      facts: { problems: all },
    },
  );
}
