import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson } from "./read-json.ts";
import { readYaml } from "./read-yaml.ts";
import { sourceOffset } from "./source-offset.ts";
import { sourceText } from "./source-text.ts";
import { childOf, type Tree } from "./tree.ts";

const valueIn = (tree: Tree): Tree => childOf(tree, "a", "scalar") as Tree;

describe("places inside texts", () => {
  test("every character of a JSON string is found where it is written, whatever the escapes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (before, after) => {
        const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
        const source = `{"a": "${quoted(before)}#${quoted(after)}"}`;
        const tree = valueIn(readJson(source).tree);
        expect(sourceOffset(source, tree, before.length)).toBe(7 + quoted(before).length);
      }),
    );
  });

  test.each([
    ["a: one # two", 4, "e"],
    ["a: 'it''s #'", 5, "#"],
    ['a: "\\x41\\u0042\\U0001F600\\t#"', 5, "#"],
    ['a: "\\U00000041#"', 1, "#"],
  ])("%s", (source, at, character) => {
    const offset = sourceOffset(source, valueIn(readYaml(source).tree), at);
    expect(source[character === "e" ? offset - 2 : offset]).toBe(character);
  });

  test.each([
    ["plain", "a: one +\n  two + !\nb: 1\n"],
    ["single", "a: 'it''s +\n\n    two + !'\n"],
    ["double", 'a: "\\tone \\x20+\\u0041 \\\n  two\\_\\U0001F600 + !"\n'],
    ["literal", "a: |\n  one +\n    two + !\n"],
    ["folded", "a: >-  # why\n    one +\n\n\n    two é😀 + !\n"],
    ["indented", "a: >2\r\n   one +\r\n  two + !\r\n"],
  ])("a text over several lines is followed: %s", (_style, source) => {
    const tree = valueIn(readYaml(source).tree) as Extract<Tree, { kind: "scalar" }>;
    const at = (character: string) =>
      sourceOffset(source, tree, String(tree.value).indexOf(character));
    expect(source[at("!")]).toBe("!");
    expect(
      source.slice(at("one")).startsWith("one") || source.slice(at("it")).startsWith("it"),
    ).toBe(true);
    expect(source.slice(at("two")).startsWith("two")).toBe(true);
  });

  test("parameters in a text over several lines are passed as they are written", () => {
    const source = "a: >\n  x{ na } y +\n  {n} z\n";
    const tree = {
      ...(valueIn(readYaml(source).tree) as Extract<Tree, { kind: "scalar" }>),
      value: "xA B y + - z\n",
      insertions: [
        { start: 1, length: 3, sourceLength: 6 },
        { start: 9, length: 1, sourceLength: 3 },
      ],
    };
    const shown = [0, 2, 5, 7, 9, 11].map((at) => source[sourceOffset(source, tree, at)]);
    expect(shown).toEqual(["x", "{", "y", "+", "{", "z"]);
  });

  test("a place beyond the file is the start of the text", () => {
    const block = "a: >-\n  one";
    expect(sourceOffset(block, valueIn(readYaml(block).tree), 9)).toBe(3);
    const short = '{"a": "x';
    const tree = { kind: "scalar", value: "x", style: "double", offset: 6, path: "a" } as const;
    expect(sourceOffset(short, tree, 9)).toBe(8);
    expect(sourceOffset(short, tree, undefined)).toBe(6);
  });

  test("characters of a parameter stand for its reference, those after it are shifted", () => {
    const source = '{"a": "x{name}y{n}z"}';
    const tree = {
      ...(valueIn(readJson(source).tree) as Extract<Tree, { kind: "scalar" }>),
      value: "xVALUEy-z",
      insertions: [
        { start: 1, length: 5, sourceLength: 6 },
        { start: 7, length: 1, sourceLength: 3 },
      ],
    };
    const shown = [0, 1, 3, 6, 7, 8].map((at) => source[sourceOffset(source, tree, at)]);
    expect(shown).toEqual(["x", "{", "{", "y", "{", "z"]);
  });

  test("lines and columns count from one, a byte order mark is no text", () => {
    const source = sourceText("a.json", "\uFEFFab\ncd\r\n\nx");
    expect([0, 2, 3, 7, 8].map((offset) => source.position(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
    ]);
  });
});
