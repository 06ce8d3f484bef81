import { JsonSyntaxError, readJson, type JsonResult } from "./read-json.ts";
import { readYaml, YamlSyntaxError } from "./read-yaml.ts";
import type { Problems } from "./problem.ts";
import { rescue } from "./rescue.ts";
import type { SourceText } from "./source-text.ts";
import type { Tree } from "./tree.ts";

/** Parses by the end of the file name; undefined when it cannot be read, the reason is among the problems then. */
export const readDocument = (source: SourceText, problems: Problems): Tree | undefined =>
  readByName(source, problems, [
    [".json", jsonTree],
    [".yaml", yamlTree],
  ]);

/** A script before its parameters are put in, which may refer to them without quotes; undefined as in readDocument. */
export const readTemplate = (source: SourceText, problems: Problems): Tree | undefined =>
  readByName(source, problems, [
    [".json", jsonTemplate],
    [".yaml", yamlTree],
  ]);

type Read = (source: SourceText, problems: Problems) => Tree;

function readByName(
  source: SourceText,
  problems: Problems,
  readers: readonly (readonly [end: string, read: Read])[],
): Tree | undefined {
  const read = readers.find(([end]) => source.file.endsWith(end))?.[1];
  if (read !== undefined) return attempt(source, problems, read);
  const message = `the file name must end with .json or .yaml, not as in ${source.file}`;
  return problems.addAt("FILE_TYPE", { offset: 0, path: "" }, message);
}

/** JSON whatever the name of the file; undefined as in readDocument. */
export const readJsonText = (source: SourceText, problems: Problems): Tree | undefined =>
  attempt(source, problems, jsonTree);

const attempt = (source: SourceText, problems: Problems, read: Read): Tree | undefined =>
  rescue<Tree | undefined, SyntaxFault>(
    () => read(source, problems),
    isSyntaxFault,
    ({ offset, message }) => problems.addAt("SYNTAX", { offset, path: "" }, message),
  );

type SyntaxFault = JsonSyntaxError | YamlSyntaxError;

const isSyntaxFault = (error: unknown): error is SyntaxFault =>
  error instanceof JsonSyntaxError || error instanceof YamlSyntaxError;

const jsonTree: Read = ({ text }, problems) => placedJson(readJson(text), problems);

const jsonTemplate: Read = ({ text }, problems) =>
  placedJson(readJson(text, { mayRefer: true }), problems);

function placedJson({ tree, duplicates }: JsonResult, problems: Problems): Tree {
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
