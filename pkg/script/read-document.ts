import { JsonSyntaxError, readJson } from "./read-json.ts";
import { readYaml, YamlSyntaxError } from "./read-yaml.ts";
import type { Problems } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import type { Tree } from "./tree.ts";

/** Parses by the end of the file name; undefined when it cannot be read, the reason is among the problems then. */
export function readDocument(source: SourceText, problems: Problems): Tree | undefined {
  try {
    if (source.file.endsWith(".json")) return jsonTree(source, problems);
    if (source.file.endsWith(".yaml")) return yamlTree(source, problems);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !(error instanceof YamlSyntaxError)) throw error;
    problems.addAt("SYNTAX", { offset: error.offset, path: "" }, error.message);
    return undefined;
  }
  const message = `the file name must end with .json or .yaml, not as in ${source.file}`;
  problems.addAt("FILE_TYPE", { offset: 0, path: "" }, message);
  return undefined;
}

function jsonTree(source: SourceText, problems: Problems): Tree {
  const { tree, duplicates } = readJson(source.text);
  for (const place of duplicates)
    problems.addAt("KEY_DUPLICATE", place, "this key occurs twice in one object", {
      severity: "warning",
    });
  return tree;
}

function yamlTree(source: SourceText, problems: Problems): Tree {
  const { tree, dates } = readYaml(source.text);
  for (const date of dates)
    problems.add("SHAPE", date, "an unquoted date becomes an instant, with T00:00:00Z at its end", {
      severity: "warning",
      hint: "Quote the date.",
    });
  return tree;
}
