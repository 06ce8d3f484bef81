import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import {
  outputTypes,
  type CustomNode,
  type Problem,
  type Script,
  type TagProcessor,
} from "./index.ts";
import { completeScript, processorFiles, readScript } from "./reading/index.ts";

type Json = Record<string, unknown>;

const POLICY = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };
const READ = {
  type: "file_table",
  r: { urls: ["a.csv"], csv: {}, columns: { c: { csv: { col_hdr: "id" }, col_type: "int" } } },
  w: { name: "t", fields: { id: { expression: "r.c", type: "int" } } },
};
const tagNode = (p: Json): Json => ({
  type: "table_custom_tfm_table",
  custom_proc_type: "tag_and_denormalize",
  r: { table: "t" },
  p: { tag_field_name: "tag", ...p },
  w: { name: "u", fields: { tag: { expression: "p.tag", type: "string" } } },
});

const read = (nodes: Json): { readonly script: Script; readonly warnings: readonly Problem[] } =>
  readScript({
    file: "s.json",
    text: JSON.stringify({ nodes: { read: READ, ...nodes }, dependency_policies: POLICY }),
  });

const byUrl = (): Script => read({ tag: tagNode({ tag_criteria_url: "in/c.json" }) }).script;
const complete = (text: string) => completeScript(byUrl(), new Map([["in/c.json", text]]));
const processorOf = (script: Script) =>
  (script.nodes.find(({ name }) => name === "tag") as CustomNode).processor as TagProcessor;

function problemsOf(text: string): readonly Problem[] {
  try {
    complete(text);
  } catch (error) {
    if (isFault(error)) return error.facts["problems"] as readonly Problem[];
    throw error;
  }
  return [];
}

describe("criteria of a file of their own", () => {
  test("become part of the script, in the order of the file", () => {
    expect(processorFiles(byUrl())).toEqual(["in/c.json"]);
    const { script, warnings } = complete('{"b {x}": "r.id > 1", "10": "r.id > 2", "a": "true"}');
    expect(warnings).toEqual([]);
    expect(processorOf(script)).toEqual({
      type: "tag_and_denormalize",
      tagField: "tag",
      criteriaUrl: "in/c.json",
      criteria: [
        { tag: "b {x}", expression: "r.id > 1" },
        { tag: "10", expression: "r.id > 2" },
        { tag: "a", expression: "true" },
      ],
    });
    expect([...outputTypes(processorOf(script))]).toEqual([["tag", "string"]]);
  });

  test("may be an empty map, and a byte order mark is no part of them", () => {
    expect(processorOf(complete("\uFEFF{}").script).criteria).toEqual([]);
  });

  test("may name a tag twice: the last one counts, with a warning", () => {
    const { script, warnings } = complete('{"a": "true", "a": "false"}');
    expect(processorOf(script).criteria).toEqual([{ tag: "a", expression: "false" }]);
    expect(warnings.map(({ code, file }) => [code, file])).toEqual([
      ["KEY_DUPLICATE", "in/c.json"],
    ]);
  });

  test.each([
    ["", "SYNTAX"],
    ["a: r.id > 1\n", "SYNTAX"],
    ["[]", "SHAPE"],
    ['{"a": 5}', "SHAPE"],
    ['{"a": null}', "SHAPE"],
    ['{"a": ""}', "EXPRESSION_EMPTY"],
    ['{"a": "r.id"}', "EXPRESSION_TYPE"],
    ['{"a": "r.id >"}', "EXPRESSION_SYNTAX"],
    ['{"a": "r.idd > 1"}', "FIELD_UNKNOWN"],
    ['{"a": "p.tag == `x`"}', "FIELD_UNKNOWN"],
  ])("are refused with file and place: %s", (text, code) => {
    expect(problemsOf(text).map((problem) => [problem.code, problem.file])).toEqual([
      [code, "in/c.json"],
    ]);
  });

  test("are placed in their own file", () => {
    expect(problemsOf('{\n  "a": "true",\n  "b": "r.nope"\n}')).toMatchObject([
      { line: 3, column: 9, message: expect.stringContaining("node tag, tag b: ") as string },
    ]);
  });
});

describe("tag_and_denormalize", () => {
  test("with criteria in the script needs no other file", () => {
    const { script } = read({ tag: tagNode({ tag_criteria: { a: "r.id > 1" } }) });
    expect(processorFiles(script)).toEqual([]);
    expect(completeScript(script, new Map()).script).toEqual(script);
  });

  test("of 1.1.6 may have no criteria at all", () => {
    const older = {
      ...READ,
      r: { urls: ["a.csv"], separator: ";", columns: { c: { col_hdr: "id", col_type: "int" } } },
    };
    const { warnings, script } = read({ read: older, tag: tagNode({}) });
    expect(warnings.map(({ code }) => code)).toEqual(["PROCESSOR"]);
    expect(processorOf(script).criteria).toEqual([]);
  });

  test("of 1.1.6 names its file with tag_criteria_uri", () => {
    const older = {
      ...READ,
      r: { urls: ["a.csv"], separator: ";", columns: { c: { col_hdr: "id", col_type: "int" } } },
    };
    const { script } = read({ read: older, tag: tagNode({ tag_criteria_uri: "c.json" }) });
    expect(processorFiles(script)).toEqual(["c.json"]);
  });
});
